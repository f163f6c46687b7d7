/**
 * The real host over real HTTP, and the real engine behind real messages: a MessageChannel stands where a browser has a
 * worker, Dawn where it has navigator.gpu. Only the process is the same.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import type { DocumentInfo } from '../../contract/document'
import type { Host } from '../../contract/host'
import type { ModelPrecision } from '../../contract/settings'
import { openDawn } from '../../gpu/node/dawn'
import { openLibrary } from '../../main/disk/library'
import { makeHost } from '../../main/host/host'
import { serveHttp } from '../../main/host/serve-http'
import { openEngineClient } from '../engine/engine-client'
import type { EngineWorker } from '../engine/jobs'
import type { RemoteEngine } from '../engine/remote-engine'
import { sendFiles } from '../flows/send-files'
import { hostAt } from '../host/http-host'
import type { ToWorker } from '../worker/protocol'
import { serveEngine } from '../worker/serve-engine'
import './with-resolvers'

const root = join(import.meta.dirname, '..', '..')
export const modelFolder = join(root, 'assets', 'models', 'small')
const book = readFileSync(join(root, 'assets', 'samples', 'the-adventures-of-sherlock-holmes.txt'), 'utf8')

/** So much of a real book, from a place of its own for each `part`. */
export const bookText = (characters: number, part = 0): string =>
  book.slice(2000 + part * 50_000, 2000 + part * 50_000 + characters)

const gpu = await (async () => openDawn())().catch((reason: Error) => reason)
const adapter = gpu instanceof Error ? null : await gpu.requestAdapter().catch(() => null)
const missing = adapter ? undefined : gpu instanceof Error ? gpu.message : 'there is no adapter'

/** Like `describe`; not run, in words, where there is no adapter. */
export const describeGpu = (name: string, tests: () => void): unknown =>
  missing === undefined ? describe(name, tests) : describe.skip(`${name} (not run: ${missing})`, tests)

export function engineWorker(): EngineWorker {
  const { port1, port2 } = new MessageChannel()
  const receive = serveEngine({ tell: message => port2.postMessage(message), gpu: () => gpu as GPU })
  port2.onmessage = ({ data }: MessageEvent<ToWorker>) => receive(data)
  return Object.assign(port1, { terminate: () => port1.close(), onerror: null }) as unknown as EngineWorker
}

export interface RealMachine {
  readonly host: Host
  readonly library: string
  addText(name: string, text: string): Promise<DocumentInfo>
  /** Another worker, as of a page that was reloaded; the one before goes on until it is told otherwise. */
  openEngine(precision?: ModelPrecision): Promise<RemoteEngine>
  /** Of a document: the page file of its only reading. */
  pageFile(id: string): string
  end(): Promise<void>
}

export async function realMachine(): Promise<RealMachine> {
  const folder = mkdtempSync(join(tmpdir(), 'readonce-renderer-'))
  const library = join(folder, 'library')
  const machine = makeHost({
    library: await openLibrary(library),
    embedded: [{ id: 'embedded', name: 'Readonce small', folder: modelFolder }],
    version: '1.2.3',
    software: 'Test'
  })
  const server = await serveHttp(machine, folder)
  const host = hostAt(server.origin, server.token)
  return {
    host,
    library,
    async addText(name, text) {
      const drop = await sendFiles(host, [{ path: name, file: new File([text], name) }])
      const { added, refused } = await host.addDocuments({ drop }, {})
      if (!added[0]) throw new Error(JSON.stringify(refused))
      return added[0].document
    },
    openEngine: precision =>
      openEngineClient({
        precision,
        bytes: host.bytes,
        model: { id: 'embedded', name: 'Readonce small' },
        onLoading: () => undefined,
        worker: engineWorker()
      }),
    pageFile(id) {
      const inside = join(library, 'documents', id)
      return join(
        inside,
        readdirSync(inside).find(name => name.endsWith('.pages'))!
      )
    },
    async end() {
      await server.close()
      await machine.close()
      rmSync(folder, { recursive: true })
    }
  }
}

export const never = (): AbortSignal => new AbortController().signal

export interface Answer {
  readonly text: string
  readonly inView: { readonly tokens: number; readonly total: number }
  readonly pieces: number
}

export async function answerOf(
  engine: RemoteEngine,
  documentId: string,
  text: string,
  mostTokens = 24
): Promise<Answer> {
  let pieces = 0
  const question = { text, history: [], sampling: {}, mostTokens, signal: never() }
  for await (const part of engine.ask(documentId, question)) {
    if (part.type === 'end') return { text: part.text, inView: part.inView, pieces }
    pieces++
  }
  throw new Error('an answer without an end')
}
