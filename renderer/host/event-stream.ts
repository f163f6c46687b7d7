/** News by server-sent events, one JSON `[event, news]` each, asked for again when the stream breaks. */

/**
 * Milliseconds before it is asked for again, doubled each time it fails: a computer that slept is back at once, a host that
 * ended costs nothing.
 */
const pause = { first: 500, most: 30_000 }

interface EventStream {
  readonly ask: () => Promise<Response>
  readonly tell: (event: string, news: unknown) => void
  /** A stream stands after a gap. */
  readonly again: () => void
  /** A stream stands; nobody answers; somebody answers who does not know the token any more, and is left alone. */
  readonly state?: (now: 'here' | 'away' | 'replaced') => void
  readonly first?: number
}

/**
 * Listens until the host says that the token is of no use any more. EventSource cannot send the token; the stream is
 * the same. Returns the end of it, and what ends a pause.
 */
export function eventStream(stream: EventStream): { readonly over: Promise<void>; tryNow(): void } {
  let wake = (): void => undefined
  return { over: follow(stream, resolve => (wake = resolve)), tryNow: () => wake() }
}

async function follow(
  { ask, tell, again, state = () => undefined, first = pause.first }: EventStream,
  waking: (wake: () => void) => void
): Promise<void> {
  let [wait, gap] = [first, false]
  for (;;) {
    const response = await ask().catch(() => undefined)
    if (response?.status === 401) {
      await response.body?.cancel()
      return state('replaced')
    }
    const begun = performance.now()
    const stood = !!response?.ok && !!response.body
    if (response?.ok && response.body) {
      state('here')
      if (gap) again()
      wait = first
      await listen(response.body, tell).catch(() => undefined)
    } else await response?.body?.cancel()
    // One that was cut is asked for at once: a host that ended refuses within a millisecond. Not one that never lasts.
    const cut = stood && (!gap || performance.now() - begun > 1000)
    gap = true
    if (cut) continue
    state('away')
    await new Promise<void>(resolve => {
      waking(resolve)
      setTimeout(resolve, wait)
    })
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
