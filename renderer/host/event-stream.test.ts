import { expect, test } from 'vitest'
import { eventStream } from './event-stream'

const streamOf = (...pieces: string[]): Response => {
  const bytes = pieces.map(piece => new TextEncoder().encode(piece))
  return new Response(
    new ReadableStream<Uint8Array>({
      pull(controller) {
        const next = bytes.shift()
        if (next) controller.enqueue(next)
        else controller.close()
      }
    })
  )
}
const refused = new Response(null, { status: 401 })

async function heard(
  ...answers: (Response | Error)[]
): Promise<{ news: unknown[]; again: number; asked: number; states: string[] }> {
  const news: unknown[] = []
  let [again, asked] = [0, 0]
  const states: string[] = []
  await eventStream({
    ask: async () => {
      const answer = answers[asked++] ?? refused
      if (answer instanceof Error) throw answer
      return answer
    },
    tell: (...each) => void news.push(each),
    again: () => void again++,
    state: now => void states.push(now),
    first: 1
  }).over
  return { news, again, asked, states }
}

test('news arrive whole, however they are cut into pieces', async () => {
  const line = `data: ${JSON.stringify(['problem', 'Grüße'])}\n\n`
  const bytes = new TextEncoder().encode(`: listening\n\n${line}${line}`)
  for (const size of [1, 7, 1000]) {
    const cut = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.slice(i * size, (i + 1) * size)
    )
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const piece of cut) controller.enqueue(piece)
        controller.close()
      }
    })
    const { news } = await heard(new Response(body))
    expect(news).toEqual([
      ['problem', 'Grüße'],
      ['problem', 'Grüße']
    ])
  }
})

test('a stream that broke is asked for again, and what was missed is caught up with', async () => {
  const told = await heard(
    streamOf('data: ["opened",null]\n'),
    new Error('asleep'),
    new Response(null, { status: 500 }),
    streamOf('data: ["menu","open"]\n')
  )
  expect(told).toEqual({
    news: [
      ['opened', null],
      ['menu', 'open']
    ],
    again: 1,
    asked: 5,
    states: ['here', 'away', 'away', 'here', 'away', 'replaced']
  })
})

test('a host that does not know the token any more is left alone', async () => {
  expect(await heard(refused)).toEqual({ news: [], again: 0, asked: 1, states: ['replaced'] })
})

test('the pause grows while nobody answers', async () => {
  const begun = performance.now()
  await heard(...Array.from({ length: 6 }, () => new Error('gone')))
  // 1 + 2 + 4 + 8 + 16 + 32 ms
  expect(performance.now() - begun).toBeGreaterThan(55)
})

test('a stream that was cut while the host lives is there again without a word', async () => {
  const { states, asked } = await heard(streamOf('data: ["opened",null]\n'), streamOf())
  expect(states.slice(0, 2)).toEqual(['here', 'here'])
  expect(asked).toBe(3)
})

test('a person need not wait for the pause to end', async () => {
  let asked = 0
  const stream = eventStream({
    ask: async () => {
      if (++asked === 1) throw new Error('gone')
      return refused
    },
    tell: () => undefined,
    again: () => undefined,
    first: 60_000
  })
  await new Promise(resolve => setTimeout(resolve, 10))
  expect(asked).toBe(1)
  stream.tryNow()
  await stream.over
  expect(asked).toBe(2)
})
