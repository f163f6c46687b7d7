/** Questions about the document, answers as they come, and the passages that they came from. */
import { type FormEvent, useState } from 'react'
import { askQuestion, stopAnswer } from '../flows/ask-question'
import { type Turn, useDocument } from '../store/document'
import { useEngine } from '../store/engine'
import type { AnswerEnd } from '../worker/protocol'
import { duration, grouped } from '../ui/words'

export function Chat() {
  const turns = useDocument(({ turns }) => turns)
  const tokens = useDocument(({ document }) =>
    document?.state.name === 'read' ? document.state.tokens : undefined
  )
  const state = useEngine(engine => engine.state.name)
  if (tokens === undefined) return null
  return (
    <section aria-labelledby="questions">
      <h2 id="questions">Questions</h2>
      <div className="turns" role="log" aria-live="polite" aria-busy={state === 'answering'}>
        {turns.map((turn, i) => (
          <Answer key={i} turn={turn} tokens={tokens} />
        ))}
      </div>
      <Question mayAsk={state === 'ready'} answering={state === 'answering'} />
    </section>
  )
}

function Question({ mayAsk, answering }: { mayAsk: boolean; answering: boolean }) {
  const [text, setText] = useState('')
  const ask = (event: FormEvent): void => {
    event.preventDefault()
    const question = text.trim()
    if (question === '' || !mayAsk) return
    setText('')
    void askQuestion(question)
  }
  return (
    <form className="question" onSubmit={ask}>
      <label htmlFor="question">Ask about this document</label>
      <div>
        <input
          id="question"
          value={text}
          autoComplete="off"
          autoFocus
          onChange={event => setText(event.target.value)}
        />
        {answering ? (
          <button type="button" onClick={stopAnswer}>
            Stop
          </button>
        ) : (
          <button type="submit" className="main" disabled={!mayAsk || text.trim() === ''}>
            Ask
          </button>
        )}
      </div>
    </form>
  )
}

function Answer({ turn: { question, answer, state, end, reason }, tokens }: { turn: Turn; tokens: number }) {
  return (
    <article className="turn" aria-label={question}>
      <h3>{question}</h3>
      <p className="answer">
        {answer === '' && state === 'answered' ? <em>The model said nothing.</em> : answer}
        {state === 'answering' && <span className="caret" aria-hidden="true" />}
      </p>
      {reason && <p className="notice">{reason}</p>}
      {end && <Sources end={end} tokens={tokens} />}
    </article>
  )
}

const stops: Record<AnswerEnd['stop'], string> = {
  end: '',
  length: 'Cut at the longest answer. ',
  aborted: 'Stopped. '
}

function Sources({ end, tokens }: { end: AnswerEnd; tokens: number }) {
  const speed = end.tokensPerSecond > 0 ? `, then ${end.tokensPerSecond.toFixed(1)} tokens/s` : ''
  return (
    <>
      {end.quotations.map(({ text, verified }) => (
        <p key={text} className="quiet">
          {verified ? 'Found word for word: ' : 'Not found in the text: '}“{text}”
        </p>
      ))}
      {end.sources.length > 0 && (
        <>
          <h4>Where the answer looked</h4>
          <ol className="sources">
            {end.sources.map(source => (
              <li key={source.start}>
                <blockquote>{source.text.trim()}</blockquote>
                <p className="quiet numbers">
                  characters {grouped(source.start)} to {grouped(source.end)},{' '}
                  {Math.round(source.score * 100)}% of the attention
                </p>
              </li>
            ))}
          </ol>
        </>
      )}
      <p className="quiet numbers">
        {stops[end.stop]}All {grouped(tokens)} tokens were in view. First word after{' '}
        {duration(end.firstTokenSeconds)}
        {speed}.
      </p>
    </>
  )
}
