/** A real host over a library and a model folder on disk, for the tests of both transports. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Library, openLibrary } from '../../disk/library'
import type { Desktop } from '../desktop'
import { type MachineHost, makeHost } from '../host'

export interface SampleHost {
  readonly host: MachineHost
  readonly library: Library
  /** Holds everything; `pages` and `secret.txt` lie in it beside the model. */
  readonly folder: string
  readonly pages: string
  /** Of the model's weights. */
  readonly weights: Uint8Array
  /** Writes a file beside the library and returns its path. */
  write(name: string, content: string | Uint8Array): string
  end(): Promise<void>
}

export async function sampleHost(desktop?: Desktop): Promise<SampleHost> {
  const folder = mkdtempSync(join(tmpdir(), 'readonce-host-'))
  const [model, pages] = [join(folder, 'model'), join(folder, 'pages')]
  for (const each of [model, join(pages, 'assets')]) mkdirSync(each, { recursive: true })
  // Longer than two pieces of a body, and no two neighbouring bytes alike.
  const weights = Uint8Array.from({ length: 2_500_000 }, (_, i) => (i * 7 + (i >> 8)) & 255)
  writeFileSync(join(model, 'model.safetensors'), weights)
  writeFileSync(join(model, 'params.json'), '{"dim": 8}')
  writeFileSync(join(model, 'empty.txt'), '')
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  writeFileSync(join(pages, 'index.html'), '<!doctype html><title>Readonce</title>')
  writeFileSync(join(pages, 'assets', 'index-ab_C1.js'), 'export {}')
  writeFileSync(join(pages, 'assets', '.hidden.js'), 'secret')
  const library = await openLibrary(join(folder, 'library'))
  const host = makeHost({
    library,
    embedded: [{ id: 'embedded', name: 'sample', folder: model }],
    version: '1.2.3',
    software: 'Test',
    desktop
  })
  return {
    host,
    library,
    folder,
    pages,
    weights,
    write(name, content) {
      const path = join(folder, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content)
      return path
    },
    async end() {
      await host.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
