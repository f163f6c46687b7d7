/**
 * Other people's files read beside a peer: how many words arrive, and what is lost without a word. Folders are searched through, bare
 * Git repositories as well. Needs pdftotext, pandoc and LibreOffice, and `npm run build`.
 *
 *     node tools/documents/field.mjs [--format pdf] [--failures FILE] [--most N] FOLDER...
 */
import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { percent, recall, table, wordsOf } from './measures.mjs'
import { peers, readWithReadonce } from './readers.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { format: { type: 'string' }, failures: { type: 'string' }, most: { type: 'string' } }
})
if (positionals.length === 0) {
  console.error('node tools/documents/field.mjs [--format pdf] [--failures FILE] [--most N] FOLDER...')
  process.exit(2)
}
const formats = values.format ? values.format.split(',') : Object.keys(peers)
const most = Number(values.most ?? Infinity)
/** Larger ones take minutes in a peer. */
const largest = 8 << 20

const scratch = mkdtempSync(join(tmpdir(), 'readonce-field-'))
/** @type {{ name: string, path: string, format: string }[]} */
const files = []
const seen = new Set()

/**
 * @param {string} name
 * @param {() => Buffer} bytes
 * @param {string | undefined} path
 */
function take(name, bytes, path) {
  const format = extname(name)
    .slice(1)
    .toLowerCase()
    .replace(/^x?html?$/, 'html')
  if (!formats.includes(format)) return
  const content = bytes()
  const digest = createHash('sha256').update(content).digest('hex')
  // A pointer of Git LFS is no document.
  if (
    seen.has(digest) ||
    content.length > largest ||
    /^version https:\/\/git-lfs/.test(content.subarray(0, 24).toString())
  )
    return
  seen.add(digest)
  const place = path ?? join(scratch, `${seen.size}.${format}`)
  if (path === undefined) writeFileSync(place, content)
  files.push({ name, path: place, format })
}

/** @param {string} folder */
function gather(folder) {
  if (existsSync(join(folder, 'HEAD')) && existsSync(join(folder, 'objects'))) {
    const git = (/** @type {string[]} */ ...args) =>
      execFileSync('git', ['-C', folder, ...args], {
        maxBuffer: 1 << 28,
        stdio: ['ignore', 'pipe', 'ignore']
      })
    for (const line of git('ls-tree', '-r', '-z', 'HEAD').toString().split('\0')) {
      const [, object, name] = /^\d+ blob (\w+)\t(.*)$/s.exec(line) ?? []
      if (object === undefined) continue
      try {
        take(`${folder}:${name}`, () => git('cat-file', 'blob', object), undefined)
      } catch {
        // The largest objects of a shallow copy may be absent.
      }
    }
    return
  }
  for (const entry of readdirSync(folder)) {
    const path = join(folder, entry)
    const stat = statSync(path, { throwIfNoEntry: false })
    if (stat?.isDirectory()) gather(path)
    else if (stat?.isFile()) take(path, () => readFileSync(path), path)
  }
}

try {
  for (const folder of positionals) gather(folder)
  /** @type {(string | number)[][]} */
  const rows = [
    ['format, peer', 'files', 'recall >= 99%', 'pooled recall', 'refused though the peer reads it', 'silent']
  ]
  for (const format of formats) rows.push(compare(format))
  console.log(table(rows.filter(row => row[1] !== 0)))
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** @param {string} format */
function compare(format) {
  const own = files.filter(file => file.format === format).slice(0, most)
  const read = readWithReadonce(
    own.map(({ path }) => path),
    format === 'html' ? ['--html', 'whole'] : []
  )
  let [count, good, refused, silent, all, found] = [0, 0, 0, 0, 0, 0]
  for (const { name, path } of own) {
    const expected = peers[format].text(path)
    const words = wordsOf(expected ?? '')
    // What the peer does not read, or finds empty, says nothing.
    if (expected === undefined || words.length === 0) continue
    count++
    const ours = read.get(path) ?? 'no answer'
    all += words.length
    if (typeof ours === 'string') {
      refused++
      tell(`refused ${name}: ${ours}`)
      continue
    }
    const result = recall(words, wordsOf(ours.text))
    found += result.found
    if (result.share >= 0.99) good++
    const letters = recall(lettersOf(words), lettersOf(wordsOf(ours.text)))
    const lost = letters.share < 0.97
    if (lost && ours.notes.length === 0) silent++
    if (result.share < 0.99)
      tell(
        `${lost && ours.notes.length === 0 ? 'SILENT' : 'less'} ${percent(result.share)} of ${words.length} words, ${percent(letters.share)} of the letters ${name}: ` +
          `${result.missing.slice(0, 12).join(' ').slice(0, 160)} | ${ours.notes
            .map(({ message }) => message)
            .join(' ')
            .slice(0, 200)}`
      )
  }
  return [
    `${format}, ${peers[format].peer}`,
    count,
    percent(good / Math.max(1, count)),
    (found / Math.max(1, all)).toFixed(4),
    refused,
    silent
  ]
}

/** @param {readonly string[]} words */
function lettersOf(words) {
  return words.join('')
}

/** @param {string} line */
function tell(line) {
  if (values.failures) appendFileSync(values.failures, `${line}\n`)
  else console.error(line)
}
