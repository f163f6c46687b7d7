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
): Promise<{ news: unknown[]; again: number; asked: number }> {
  const news: unknown[] = []
  let [again, asked] = [0, 0]
  await eventStream(
    async () => {
      const answer = answers[asked++] ?? refused
      if (answer instanceof Error) throw answer
      return answer
    },
    (...each) => void news.push(each),
    () => void again++,
    1
  )
  return { news, again, asked }
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
    asked: 5
  })
})

test('a host that does not know the token any more is left alone', async () => {
  expect(await heard(refused)).toEqual({ news: [], again: 0, asked: 1 })
})

test('the pause grows while nobody answers', async () => {
  const begun = performance.now()
  await heard(...Array.from({ length: 6 }, () => new Error('gone')))
  // 1 + 2 + 4 + 8 + 16 + 32 ms
  expect(performance.now() - begun).toBeGreaterThan(55)
})
