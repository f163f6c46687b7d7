/** News by server-sent events, one JSON `[event, news]` each, asked for again when the stream breaks. */

/** Milliseconds before it is asked for again, doubled each time it fails: a computer that slept is back at once, a host that ended costs nothing. */
const pause = { first: 500, most: 30_000 }

/**
 * Listens until the host says that the token is of no use any more. EventSource cannot send the token; the stream is
 * the same. `again` is told when a stream stands after a gap.
 */
export async function eventStream(
  ask: () => Promise<Response>,
  tell: (event: string, news: unknown) => void,
  again: () => void,
  first = pause.first
): Promise<void> {
  let [wait, gap] = [first, false]
  for (;;) {
    const response = await ask().catch(() => undefined)
    if (response?.status === 401) return
    if (response?.ok && response.body) {
      if (gap) again()
      wait = first
      await listen(response.body, tell).catch(() => undefined)
    }
    gap = true
    await new Promise(resolve => setTimeout(resolve, wait))
    wait = Math.min(wait * 2, pause.most)
  }
}

async function listen(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  tell: (event: string, news: unknown) => void
): Promise<void> {
  let rest = ''
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = (rest + piece.value).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines.filter(each => each.startsWith('data: '))) {
      const [event, news] = JSON.parse(line.slice('data: '.length)) as [string, unknown]
      tell(event, news)
    }
  }
}
