/** A file is opened and read from top to bottom, in memory: nothing of it is kept. */
import { textOfFile } from '../../contract/bytes'
import { failureOf, type Host } from '../../contract/host'
import { EngineError, type RemoteSession } from '../engine/engine-client'
import { type DocumentState, type OpenDocument, useDocument } from '../store/document'
import { useEngine } from '../store/engine'
import { currentEngine, currentHost, startAgain } from './start'

let session: RemoteSession | undefined
let stop: AbortController | undefined

export const currentSession = (): RemoteSession | undefined => session

/** One file; whatever else was dropped with it is named and left. */
export async function openFiles(files: readonly File[]): Promise<void> {
  const host = currentHost()
  const [file, ...others] = files
  if (!file || !host || !['ready', 'reading'].includes(useEngine.getState().state.name)) return
  useDocument.setState({ refusal: undefined })
  try {
    const text = await textOf(file, host)
    stop?.abort()
    await reading
    useDocument.setState({ document: { name: file.name, size: file.size, text, state: { name: 'waiting' } } })
    if (others.length > 0)
      useDocument.setState({ refusal: `One file at a time: ${file.name} was opened, the others were not.` })
    await read()
  } catch (error) {
    useDocument.setState({ refusal: `${String((error as Error).message ?? error)} Nothing was changed.` })
  }
}

/** Main knows the encodings, and what is no text; here only text arrives. */
async function textOf(file: File, host: Host): Promise<string> {
  // A folder cannot be read, nor a file that went away since.
  const bytes = await file.arrayBuffer().catch(() => {
    throw new Error(`${file.name} is a folder, or cannot be read. Choose one text file.`)
  })
  const response = await fetch(host.bytes.at + textOfFile(file.name), {
    method: 'POST',
    headers: host.bytes.headers,
    body: bytes
  })
  if (response.ok) return response.text()
  throw failureOf((await response.json()) as { message: string })
}

// What is being read; a second reading waits until the first has let go.
let reading: Promise<void> = Promise.resolve()

export function read(): Promise<void> {
  return (reading = readNow())
}

async function readNow(): Promise<void> {
  const engine = currentEngine()
  const { document } = useDocument.getState()
  if (!engine || !document) return
  session?.close()
  session = undefined
  const own = (stop = new AbortController())
  let reached: DocumentState & { name: 'reading' } = { name: 'reading' }
  useEngine.setState({ state: { name: 'reading' } })
  useDocument.setState({ document: { ...document, state: reached }, turns: [] })
  try {
    session = await engine.read(document.text, {
      signal: own.signal,
      onProgress: (progress, memory) => {
        show(document, (reached = { name: 'reading', progress }))
        useEngine.setState({ memory })
      }
    })
    const { tokens, seconds, memory } = session
    show(document, { name: 'read', tokens, seconds })
    useEngine.setState({ memory })
  } catch (error) {
    const stopped = error instanceof EngineError && error.code === 'cancelled'
    const reason = error instanceof Error ? error.message : String(error)
    show(document, stopped ? { name: 'stopped', progress: reached.progress } : { name: 'failed', reason })
  } finally {
    useEngine.setState(({ state }) => (state.name === 'reading' ? { state: { name: 'ready' } } : {}))
  }
}

const show = (document: OpenDocument, state: DocumentState): void =>
  useDocument.setState({ document: { ...document, state } })

export const stopReading = (): void => stop?.abort()

/** After a loss: a new engine, and the document from memory once more. */
export async function recover(): Promise<void> {
  await startAgain()
  if (useEngine.getState().state.name === 'ready') await read()
}
