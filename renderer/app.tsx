import { Chat } from './features/chat'
import { Computer } from './features/computer'
import { Document } from './features/document'
import { useEngine } from './store/engine'

export function App() {
  const { about, documents, problems, state } = useEngine()
  const working = !['off', 'loading', 'unsupported', 'failed'].includes(state.name)
  return (
    <>
      <header>
        <h1>Readonce</h1>
        <p>Reads a long document once, on this computer, and answers from all of it.</p>
      </header>
      <main>
        <Computer />
        {working && <Document />}
        {working && <Chat />}
      </main>
      <footer>
        <p>This preview keeps nothing; the command line keeps what was read.</p>
        {documents.length > 0 && (
          <p>
            Kept by the command line so far:{' '}
            {documents.length === 1 ? 'one document' : `${documents.length} documents`}.
          </p>
        )}
        {problems.map(problem => (
          <p key={problem} role="alert">
            {problem}
          </p>
        ))}
        {about && (
          <p className="numbers">
            Readonce {about.version}, {about.software}
          </p>
        )}
      </footer>
    </>
  )
}
