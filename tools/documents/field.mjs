/**
 * Other people's files read beside a peer: how many words arrive, and what is lost without a word. Folders are searched through, bare
 * Git repositories as well. Needs pdftotext, pandoc and LibreOffice, and `npm run build`. `--keep` names a folder in which the documents
 * and the answers of the peers stay, so that the next run asks only Readonce.
 *
 *     node tools/documents/field.mjs [--format pdf] [--failures FILE] [--most N] [--keep FOLDER] FOLDER...
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { documentsOf } from './corpus.mjs'
import { percent, recall, recallBesidesBlanks, table, wordsOf, wordsRead } from './measures.mjs'
import { peers, readWithReadonce } from './readers.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    format: { type: 'string' },
    failures: { type: 'string' },
    most: { type: 'string' },
    keep: { type: 'string' }
  }
})
if (positionals.length === 0) {
  console.error(
    'node tools/documents/field.mjs [--format pdf] [--failures FILE] [--most N] [--keep FOLDER] FOLDER...'
  )
  process.exit(2)
}
const formats = values.format ? values.format.split(',') : Object.keys(peers)
const most = Number(values.most ?? Infinity)

const scratch = values.keep ?? mkdtempSync(join(tmpdir(), 'readonce-field-'))
mkdirSync(scratch, { recursive: true })
try {
  const documents = documentsOf(positionals, formats, scratch)
  /** @type {(string | number)[][]} */
  const rows = [
    ['format, peer', 'files', 'recall >= 99%', 'pooled recall', 'refused though the peer reads it', 'silent']
  ]
  for (const format of formats)
    rows.push(
      compare(
        format,
        documents.filter(each => each.format === format)
      )
    )
  console.log(table(rows.filter(row => row[1] !== 0)))
} finally {
  if (!values.keep) rmSync(scratch, { recursive: true, force: true })
}

/**
 * What the peer makes of each, from the folder where it is known.
 *
 * @param {string} format
 * @param {readonly import('./corpus.mjs').Document[]} documents
 */
function textsOfPeer(format, documents) {
  const { version, texts } = peers[format]
  const kept = (/** @type {string} */ path) => `${path}.${version}.json`
  const unknown = documents.map(({ path }) => path).filter(path => !existsSync(kept(path)))
  for (const [path, text] of texts(unknown)) writeFileSync(kept(path), JSON.stringify({ text }))
  return new Map(
    documents.map(({ path }) => [
      path,
      /** @type {{ text?: string }} */ (JSON.parse(readFileSync(kept(path), 'utf8'))).text
    ])
  )
}

/**
 * @param {string} format
 * @param {readonly import('./corpus.mjs').Document[]} documents
 */
function compare(format, documents) {
  const own = documents.slice(0, most)
  const expectedOf = textsOfPeer(format, own)
  const read = readWithReadonce(
    own.map(({ path }) => path),
    format === 'html' ? ['--html', 'whole'] : []
  )
  let [count, good, refused, silent, all, found] = [0, 0, 0, 0, 0, 0]
  for (const { name, path, digest } of own) {
    const words = wordsOf(expectedOf.get(path) ?? '')
    // What the peer does not read, or finds empty, says nothing.
    if (words.length === 0) continue
    count++
    const ours = read.get(path) ?? 'no answer'
    all += words.length
    if (typeof ours === 'string') {
      refused++
      tell(`refused ${digest} ${name}: ${ours}`)
      continue
    }
    const result = recallBesidesBlanks(words, wordsRead(ours.text))
    found += result.found
    if (result.share >= 0.99) good++
    const letters = recall(lettersOf(words), lettersOf(wordsOf(ours.text)))
    const lost = letters.share < 0.97
    if (lost && ours.notes.length === 0) silent++
    if (result.share < 0.99)
      tell(
        `${lost && ours.notes.length === 0 ? 'SILENT' : 'less'} ${percent(result.share)} of ${words.length} words, ${percent(letters.share)} of the letters ${digest} ${name}: ` +
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
