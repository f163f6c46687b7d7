/** Opening a file, by a button or by dropping it, and watching it being read. */
import { type ReactNode, useEffect, useRef, useState } from 'react'
import type { ReadingProgress } from '../../gpu/index'
import { openFiles, read, stopReading } from '../flows/read-file'
import { type OpenDocument, useDocument } from '../store/document'
import { useEngine } from '../store/engine'
import { bytes, duration, grouped, percent } from '../ui/words'

export function Document() {
  const { document, refusal } = useDocument()
  const state = useEngine(engine => engine.state.name)
  const mayOpen = state === 'ready' || state === 'reading'
  return (
    <section aria-labelledby="document">
      <h2 id="document">Document</h2>
      {document && <Reading document={document} />}
      <OpenFile disabled={!mayOpen} first={!document} />
      {refusal && (
        <p className="notice" role="alert">
          {refusal}
        </p>
      )}
    </section>
  )
}

function OpenFile({ disabled, first }: { disabled: boolean; first: boolean }) {
  const input = useRef<HTMLInputElement>(null)
  const over = useDropAnywhere(disabled)
  return (
    <div className={`drop${first ? '' : ' small'}${over ? ' over' : ''}`}>
      <button
        type="button"
        className={first ? 'main' : ''}
        disabled={disabled}
        onClick={() => input.current?.click()}
      >
        {first ? 'Open a text file …' : 'Open another …'}
      </button>
      <span className="quiet">or drop one anywhere here</span>
      <input
        ref={input}
        type="file"
        hidden
        onChange={event => {
          void openFiles([...(event.target.files ?? [])])
          // The same file may be chosen again.
          event.target.value = ''
        }}
      />
    </div>
  )
}

/** The whole window takes the file; outside of it a dropped file would replace the page. */
function useDropAnywhere(disabled: boolean): boolean {
  const [over, setOver] = useState(false)
  useEffect(() => {
    const drag = (event: DragEvent): void => {
      event.preventDefault()
      if (event.dataTransfer) event.dataTransfer.dropEffect = disabled ? 'none' : 'copy'
      setOver(!disabled)
    }
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false)
    }
    const drop = (event: DragEvent): void => {
      event.preventDefault()
      setOver(false)
      if (!disabled) void openFiles([...(event.dataTransfer?.files ?? [])])
    }
    addEventListener('dragover', drag)
    addEventListener('dragleave', leave)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', drag)
      removeEventListener('dragleave', leave)
      removeEventListener('drop', drop)
    }
  }, [disabled])
  return over
}

function Reading({ document: { name, size, state } }: { document: OpenDocument }) {
  const trainedLength = useEngine(engine => engine.trainedLength)
  const total = state.name === 'read' ? state.tokens : 'progress' in state ? state.progress?.total : undefined
  const tooLong = total !== undefined && trainedLength !== undefined && total > trainedLength
  return (
    <article className="reading" aria-label={name}>
      <h3>
        {name} <span className="quiet">{bytes(size)}</span>
      </h3>
      {state.name === 'reading' && <Progress progress={state.progress} />}
      <p role="status">{statusOf(state)}</p>
      {tooLong && (
        <p className="quiet">
          The model was trained for {grouped(trainedLength)} tokens and this text has {grouped(total)}: expect
          worse answers than on short texts.
        </p>
      )}
      {state.name === 'reading' && (
        <button type="button" onClick={stopReading}>
          Cancel reading
        </button>
      )}
      {(state.name === 'stopped' || state.name === 'failed') && <ReadAgain>Read it again</ReadAgain>}
    </article>
  )
}

function ReadAgain({ children }: { children: ReactNode }) {
  const ready = useEngine(engine => engine.state.name === 'ready')
  return (
    <button type="button" disabled={!ready} onClick={() => void read()}>
      {children}
    </button>
  )
}

function Progress({ progress }: { progress: ReadingProgress | undefined }) {
  if (!progress) return <progress aria-label="Reading" />
  const { tokens, total, tokensPerSecond } = progress
  const left = tokensPerSecond > 0 ? `, about ${duration((total - tokens) / tokensPerSecond)} left` : ''
  const speed = tokensPerSecond > 0 ? `, ${grouped(tokensPerSecond)} tokens/s` : ''
  return (
    <>
      <progress aria-label="Reading" value={tokens} max={total} />
      <p className="numbers">
        {grouped(tokens)} of {grouped(total)} tokens, {percent(tokens, total)}
        {speed}
        {left}
      </p>
    </>
  )
}

/** Said aloud when it changes, so it holds no running numbers. */
function statusOf(state: OpenDocument['state']): string {
  switch (state.name) {
    case 'waiting':
      return ''
    case 'reading':
      return 'Reading …'
    case 'read':
      return `Read: all ${grouped(state.tokens)} tokens, in ${duration(state.seconds)}.`
    case 'stopped': {
      const where = state.progress
        ? ` at ${grouped(state.progress.tokens)} of ${grouped(state.progress.total)} tokens`
        : ''
      return `Cancelled${where}. Nothing of it is kept.`
    }
    case 'failed':
      return `It could not be read: ${state.reason}`
  }
}
