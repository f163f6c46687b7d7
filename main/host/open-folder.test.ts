/** A folder is the same document by the desktop window's dialog, in a browser and on the command line. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { documentText, dropped } from '../../contract/bytes'
import { long } from '../../gpu/testing/long'
import { openLibrary } from '../disk/library'
import { type SampleHost, sampleHost } from './testing/sample-host'
import { type Transport, transports } from './testing/transports'

const place = mkdtempSync(join(tmpdir(), 'readonce-folder-'))
const folder = join(place, 'project')
/** Hundreds show the order by number; that thousands are taken is a matter of the long mode. */
const many = long('folders') ? 2400 : 240
const files: Record<string, string> = {
  '.gitignore': 'secret.txt\nbuild/\n*.log\n!keep.log\n',
  'secret.txt': 'a secret\n',
  'build/out.js': 'built\n',
  'trace.log': 'a trace\n',
  'keep.log': 'a log to keep\n',
  'a/index.ts': 'export const a = 1\n',
  'b/index.ts': 'export const b = 2\n',
  'b/.gitignore': '/local.txt\n',
  'b/local.txt': 'local words\n',
  'c/local.txt': 'other words\n',
  'node_modules/x/index.js': 'a package\n',
  '.hidden/x.txt': 'hidden words\n',
  'empty.txt': '',
  'ä ö/ünï.md': '# Ümlaut\n',
  'picture.png': '\x89PNG\r\n\x1a\n\0\0\0\rIHDR',
  ...Object.fromEntries(Array.from({ length: many }, (_, i) => [`many/${i}.txt`, `Number ${i}.\n`]))
}
const seen: string[] = []
let electron: SampleHost
let browser: SampleHost
let ways: Transport[]
beforeAll(async () => {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), content, 'latin1')
    if (/[äü]/.test(name)) writeFileSync(join(folder, name), content)
  }
  electron = await sampleHost({ chooseFolder: async () => folder })
  browser = await sampleHost()
  const [[, overIpc], [, overHttp]] = transports as [(typeof transports)[0], (typeof transports)[0]]
  ways = [await overIpc(electron), await overHttp(browser)]
})
afterAll(async () => {
  for (const way of ways) await way.end()
  for (const sample of [electron, browser]) await sample.end()
  rmSync(place, { recursive: true, force: true })
})

/** As the page does it. */
const opened: Record<string, () => Promise<string>> = {
  'the desktop window': async () => {
    const [way] = ways as [Transport]
    const chosen = await way.calls.chooseFolder()
    expect(chosen).toMatchObject({ path: folder, holdsModel: false })
    const { added, refused } = await way.calls.addDocuments({ grants: [chosen!.grant] }, { asOne: 'project' })
    expect(refused).toEqual([])
    return (await way.bytes(documentText(added[0]!.document.id))).text()
  },
  'a browser': async () => {
    const [, way] = ways as [Transport, Transport]
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      // The page leaves out what is never text.
      if (!entry.isFile() || entry.parentPath.includes('node_modules')) continue
      const path = join(entry.parentPath, entry.name)
      const route = dropped('folder', `project/${relative(folder, path).split('\\').join('/')}`)
      expect((await way.bytes(route, { method: 'PUT', body: readFileSync(path) })).status).toBe(204)
    }
    const { added, refused } = await way.calls.addDocuments({ drop: 'folder' }, { asOne: 'project' })
    expect(refused).toEqual([])
    return (await way.bytes(documentText(added[0]!.document.id))).text()
  },
  'the command line': async () => {
    const library = await openLibrary(join(place, 'library'))
    const { document, text } = await library.add(folder)
    expect(document).toMatchObject({ name: 'project', kind: 'files' })
    return text
  }
}

test.each(Object.keys(opened))(
  '%s',
  async way => {
    const text = await opened[way]!()
    seen.push(text)
    const names = [...text.matchAll(/^==== (.*) ====$/gm)].map(match => match[1]!)
    expect(names.filter(name => !name.startsWith('many/'))).toEqual([
      'a/index.ts',
      'ä ö/ünï.md',
      'b/index.ts',
      'c/local.txt',
      'keep.log'
    ])
    expect(names.filter(name => name.startsWith('many/'))).toEqual(
      Array.from({ length: many }, (_, i) => `many/${i}.txt`)
    )
    for (const left of ['secret', 'built', 'a trace', 'local words', 'hidden words', 'a package'])
      expect(text).not.toContain(left)
    // All of them say the same.
    expect(new Set(seen).size).toBe(1)
  },
  60_000
)
