/**
 * Labelled texts read by `readonce text`: how many arrive as their label says. FOLDER holds a folder for each encoding, as the test
 * data of chardet (github.com/chardet/test-data) does. Needs `npm run build`.
 *
 *     node tools/documents/encodings.mjs FOLDER
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import iconv from 'iconv-lite'
import { readWithReadonce } from './readers.mjs'

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  console.error('node tools/documents/encodings.mjs FOLDER')
  process.exit(2)
}
/** What iconv-lite calls otherwise. */
const names = /** @type {Record<string, string>} */ ({
  cp949: 'cp949',
  'iso-8859-1': 'windows-1252',
  ascii: 'windows-1252',
  macroman: 'macintosh',
  maccyrillic: 'maccyrillic'
})
/** Behind some stands the language ("iso-8859-5-russian"), which is no part of the name as "-jp" is one. @param {string} label */
const encodingOf = label =>
  iconv.encodingExists(names[label] ?? label) ? label : label.replace(/-(?!\d)[a-z-]+$/, '')

/** @type {{ file: string, label: string }[]} */
const files = []
for (const label of readdirSync(folder))
  if (statSync(join(folder, label)).isDirectory())
    for (const name of readdirSync(join(folder, label))) {
      const file = join(folder, label, name)
      if (statSync(file).isFile()) files.push({ file, label: encodingOf(label.toLowerCase()) })
    }
/** By iconv-lite, and by the platform what that does not know. @param {Buffer} bytes @param {string} encoding */
function expectedOf(bytes, encoding) {
  if (iconv.encodingExists(encoding)) return iconv.decode(bytes, encoding)
  try {
    return new TextDecoder(encoding).decode(bytes)
  } catch {
    return undefined
  }
}

const read = readWithReadonce(
  files.map(({ file }) => file),
  ['--html', 'whole']
)
let [right, all, unjudged] = [0, 0, 0]
for (const { file, label } of files) {
  const encoding = names[label] ?? label
  const expected = expectedOf(readFileSync(file), encoding)
  if (expected === undefined) {
    unjudged++
    continue
  }
  all++
  const ours = read.get(file)
  // Markup is taken out by us: letters above ASCII are what an encoding decides.
  const letters = (/** @type {string} */ text) => (text.match(/[^\p{ASCII}\s\ufeff]/gu) ?? []).join('')
  if (typeof ours === 'object' && letters(expected).includes(letters(ours.text).slice(0, 200))) right++
  else console.error(`${file}: ${typeof ours === 'string' ? ours : (ours?.encoding ?? '')}`)
}
console.log(`${right} of ${all} right; ${unjudged} in encodings that nothing here decodes`)
