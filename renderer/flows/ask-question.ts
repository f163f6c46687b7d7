/** A question is put to the document that was read; the answer streams in, with the passages that carried it. */
import type { ChatTurn } from '../../gpu/index'
import { type Turn, useDocument } from '../store/document'
import { useEngine } from '../store/engine'
import { currentSession } from './read-file'

let stop: AbortController | undefined

export async function askQuestion(question: string): Promise<void> {
  const session = currentSession()
  if (!session || useEngine.getState().state.name !== 'ready') return
  const history = useDocument
    .getState()
    .turns.filter(turn => turn.state === 'answered')
    .flatMap(said)
  stop = new AbortController()
  useEngine.setState({ state: { name: 'answering' } })
  useDocument.setState(({ turns }) => ({ turns: [...turns, { question, answer: '', state: 'answering' }] }))
  try {
    for await (const part of session.ask(question, history, stop.signal)) {
      if (part.type === 'text') change(turn => ({ answer: turn.answer + part.text }))
      else change(() => ({ answer: part.text, state: 'answered', end: part }))
    }
  } catch (error) {
    change(() => ({ state: 'failed', reason: error instanceof Error ? error.message : String(error) }))
  } finally {
    useEngine.setState(({ state }) => (state.name === 'answering' ? { state: { name: 'ready' } } : {}))
  }
}

export const stopAnswer = (): void => stop?.abort()

const said = ({ question, answer }: Turn): ChatTurn[] => [
  { role: 'user', content: question },
  { role: 'assistant', content: answer }
]

/** Only the last turn grows. */
const change = (next: (turn: Turn) => Partial<Turn>): void =>
  useDocument.setState(({ turns }) => ({
    turns: turns.map((turn, i) => (i === turns.length - 1 ? { ...turn, ...next(turn) } : turn))
  }))
