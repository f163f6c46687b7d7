import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { extractFile } from './extract-text'
import { joinFiles } from './extract/join-files'
import { writeSampleFiles } from './extract/testing/sample-files'
import { gatherFiles } from './gather-files'

const folder = mkdtempSync(join(tmpdir(), 'readonce-gather-'))
afterAll(() => rmSync(folder, { recursive: true }))

const project = join(folder, 'project')
function put(name: string, content: string | Uint8Array = 'words\n') {
  const path = join(project, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

const kept = [
  'README.md',
  'chapter 2.txt',
  'chapter 10.txt',
  'docs/sample.docx',
  'logs/keep.log',
  'src/a.ts',
  'src/build/kept-here.ts',
  'src/deep/er/b.ts',
  'src/wide.txt'
]

beforeAll(async () => {
  for (const name of kept) put(name)
  put('.gitignore', '*.log\n!logs/keep.log\nbuild/\nsecret*\n# comment\n')
  put('src/.gitignore', '!/build/\ndeep/**/*.tmp\n')
  put('src/deep/.gitignore', 'no.ts\n')
  for (const name of [
    'a.log',
    'logs/b.log',
    'build/out.js',
    'src/secrets.txt',
    'src/deep/er/c.tmp',
    'src/deep/no.ts'
  ])
    put(name)
  for (const name of [
    '.env',
    '.cache/x.txt',
    'node_modules/p/index.js',
    '.git/HEAD',
    'src/node_modules/q/index.js'
  ])
    put(name)
  put('picture.png', Buffer.from('\x89PNG\r\n\x1a\n\0\0', 'latin1'))
  put('program', Buffer.from('\x7fELF\0\0\0', 'latin1'))
  put('noise.txt', Buffer.from(Array.from({ length: 300 }, (_, i) => (i * 37) % 256)))
  put('src/wide.txt', Buffer.from('Größe\n'.repeat(50), 'utf16le'))
  put('archive.zip', Buffer.from('PK\x03\x04' + '\0'.repeat(40), 'latin1'))
  put('empty.txt', '')
  put('fake.pdf', 'no PDF')
  writeFileSync(join(folder, 'outside.txt'), 'outside')
  symlinkSync(join(folder, 'outside.txt'), join(project, 'out-link.txt'))
  symlinkSync(project, join(project, 'loop'))
  symlinkSync(join(project, 'nowhere'), join(project, 'dangling'))
  execFileSync('mkfifo', [join(project, 'pipe')])
  await writeSampleFiles(folder)
  rmSync(join(project, 'docs/sample.docx'))
  execFileSync('cp', [join(folder, 'sample.docx'), join(project, 'docs')])
})

describe('a folder', () => {
  test('what .gitignore, its name or its kind rules out is left out and counted, the rest is in natural order', async () => {
    const { files, ignored } = await gatherFiles(project)
    const names = files.map(file => file.name)
    expect([...names].sort()).toEqual([...kept].sort())
    expect(names.indexOf('chapter 2.txt')).toBeLessThan(names.indexOf('chapter 10.txt'))
    expect(names.slice(-4)).toEqual([
      'src/a.ts',
      'src/build/kept-here.ts',
      'src/deep/er/b.ts',
      'src/wide.txt'
    ])
    // 6 by .gitignore, of which build/ is one; 4 hidden or of tools without .git; 6 by kind; 3 links and a pipe.
    expect(ignored).toBe(20)
    const readme = files.find(file => file.name === 'README.md')
    expect(readme).toEqual({ path: join(project, 'README.md'), name: 'README.md', size: 6 })
  })

  test('the same answers as git gives', async () => {
    const repository = join(folder, 'repository')
    execFileSync('cp', ['-r', project, repository])
    rmSync(join(repository, '.git'), { recursive: true })
    const git = (...args: string[]) => execFileSync('git', args, { cwd: repository, encoding: 'utf8' })
    git('init', '--quiet')
    const listed = git('ls-files', '--others', '--exclude-standard', '-z').split('\0')
    const { files } = await gatherFiles(repository)
    const names = files.map(file => file.name)
    for (const name of names) expect(listed).toContain(name)
    const readable = listed.filter(name => /\.(ts|md|log|docx)$/.test(name) && !/node_modules|^\./.test(name))
    for (const name of readable) expect(names).toContain(name)
  })

  test('too many files, none, and no folder', async () => {
    await expect(gatherFiles(project, { mostFiles: 3 })).rejects.toThrow(
      expect.objectContaining({ code: 'too-long', message: expect.stringContaining('more than 3 files') })
    )
    await expect(gatherFiles(join(folder, 'none'))).rejects.toThrow(
      expect.objectContaining({ code: 'not-found' })
    )
    mkdirSync(join(folder, 'bare'))
    expect(await gatherFiles(join(folder, 'bare'))).toEqual({ files: [], ignored: 0 })
    const stop = new AbortController()
    stop.abort()
    await expect(gatherFiles(project, { signal: stop.signal })).rejects.toThrow('was stopped')
  })
})

describe('several files as one', () => {
  test('a heading line a file, their headings one deeper, notes by name', async () => {
    const parts = await Promise.all(
      ['sample.md', 'sample.pdf', 'sample.txt'].map(async name => ({
        name: `docs/${name}`,
        document: await extractFile(join(folder, name))
      }))
    )
    const noted = {
      ...parts[2]!.document,
      notes: [{ kind: 'undecoded' as const, message: '1 character could not be decoded.' }]
    }
    const joined = joinFiles('docs', [...parts.slice(0, 2), { name: 'docs/sample.txt', document: noted }])
    expect(joined).toMatchObject({
      kind: 'files',
      notes: [{ kind: 'undecoded', message: 'docs/sample.txt: 1 character could not be decoded.' }]
    })
    expect(joined.bytes).toBe(parts.reduce((sum, part) => sum + part.document.bytes, 0))
    expect(joined.outline.sheets).toEqual([])
    expect(joined.outline.headings.map(({ title, level }) => [title, level])).toEqual([
      ['docs/sample.md', 1],
      ['The harbour at night', 2],
      ['docs/sample.pdf', 1],
      ['The harbour at night', 2],
      ['docs/sample.txt', 1]
    ])
    const starts = joined.outline.headings.map(({ start }) => joined.text.slice(start).split('\n', 1)[0])
    expect(starts).toEqual(['==== docs/sample.md ====', '# The harbour at night', '==== docs/sample.pdf ====', 'The harbour at night', '==== docs/sample.txt ====']) // prettier-ignore
    expect(joined.text.split('\n\n==== ')).toHaveLength(3)
    for (const { document } of parts) expect(joined.text).toContain(document.text.trimEnd())
  })
})
