/** From options to a library and a loaded engine. */
import { join } from 'node:path'
import { type Engine, openEngine } from '../../gpu/index'
import { openDawn } from '../../gpu/node/dawn'
import { findLibrary, type Library } from '../disk/library'
import { openModelFolder } from '../disk/model-files'
import { embeddedModelName } from '../disk/models'
import { type Call, text } from './options'
import type { Output } from './output'
import { withQuietStderr } from './quiet-stderr'

/** The repository's root, or the installed package's: the built program lies in out/main. */
const root = join(import.meta.dirname, '..', '..')
export const embeddedModel = join(root, 'assets', 'model')
export const samples = join(root, 'assets', 'samples')

export function libraryOf(call: Call): Promise<Library> {
  return findLibrary(text(call, 'library'))
}

export interface OpenedEngine {
  readonly engine: Engine
  close(): Promise<void>
}

interface EngineChoice {
  readonly kv?: 'f16' | 'f32'
  readonly profile?: boolean
}

export async function engineOf(
  call: Call,
  output: Output,
  library: Library | undefined,
  choice: EngineChoice = {}
): Promise<OpenedEngine> {
  const folder = text(call, 'model')
  const files = await openModelFolder(
    folder ?? embeddedModel,
    library ? { digestCache: library.digestCache } : {}
  )
  try {
    const gpu = openDawn(text(call, 'adapter'))
    // Looks for the adapters; what openEngine asks for is then known.
    await withQuietStderr(() => gpu.requestAdapter().catch(() => null))
    const engine = await openEngine({
      gpu,
      model: folder === undefined ? { ...files, name: embeddedModelName } : files,
      pages: choice.kv ?? 'f16',
      profile: choice.profile
    })
    if (engine.adapter.software)
      output.note(`No GPU in use: computing on ${engine.adapter.name}. Small models only, and slow.`)
    return {
      engine,
      async close() {
        engine.close()
        await files.close()
      }
    }
  } catch (error) {
    await files.close()
    throw error
  }
}
