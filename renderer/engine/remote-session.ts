/** A session behind messages: its facts, its answers, and the news that it is gone. */
import type { Part } from '../../gpu/index'
import type { OfJob, SessionFacts } from '../worker/protocol'
import { errorOf, type Jobs } from './jobs'
import type { RemoteQuestion, RemoteSession } from './remote-engine'

/** `id` is the number of the job that read it; `onClose` is told when the page closes it. */
export function remoteSession(
  jobs: Jobs,
  id: number,
  documentId: string,
  facts: SessionFacts,
  onClose: () => void
): { readonly session: RemoteSession; end(): void; grow(tokens: number): void } {
  const closed = Promise.withResolvers<undefined>()
  let { tokens } = facts
  return {
    end: () => closed.resolve(undefined),
    grow: to => (tokens = to),
    session: {
      documentId,
      get tokens() {
        return tokens
      },
      total: facts.total,
      reused: facts.reused,
      seconds: facts.seconds,
      pageFileBytes: facts.pageFileBytes,
      closed: closed.promise,
      ask: question => answerOf(jobs, id, question),
      close() {
        onClose()
        jobs.tell({ type: 'forget', session: id })
        closed.resolve(undefined)
      }
    }
  }
}

async function* answerOf(
  jobs: Jobs,
  session: number,
  { signal, ...question }: RemoteQuestion
): AsyncGenerator<Part, void> {
  const arrived: OfJob[] = []
  let wake = (): void => undefined
  let over = false
  const job = jobs.start(
    job => ({ type: 'ask', job, session, ...question }),
    message => {
      arrived.push(message)
      wake()
      over = message.type === 'answered' || message.type === 'failed'
      return over
    },
    signal
  )
  try {
    for (;;) {
      const message = arrived.shift()
      if (!message) await new Promise<void>(resolve => (wake = resolve))
      else if (message.type === 'said') yield { type: 'text', text: message.text }
      else if (message.type === 'failed') throw errorOf(message.failure)
      else if (message.type === 'answered') return yield message.end
    }
  } finally {
    // Whoever stops listening wants no more of it.
    if (!over) jobs.tell({ type: 'stop', job })
  }
}
