/**
 * Cuts the training files into tokens once: `node training/prepare.mjs DATA MODEL OUT [TEXT_MB]`.
 * DATA holds qa_train.jsonl.xz and text_train.txt.xz (unpacked by xz), MODEL the tokenizer. Writes
 *   OUT/text.bin      u16 ids, paragraphs end with 65535, documents with 65534
 *   OUT/qa.jsonl      { c: ids, q: [[question ids, answer ids]…] } by context, in the order of the file
 *   OUT/held-text.bin u16 ids of every 97th document as a prompt (bos, doc, paragraphs with blank lines), each ends with
 *                     65534: for the perplexity
 *   OUT/held-qa.jsonl { source, context, question, answers }: the last 700 contexts of SQuAD and the last 100 of
 *                     FairytaleQA, as text, for the scores; 60 contexts before them are in neither file, because the
 *                     paragraphs of an article (43 on average) lie next to one another.
 */
import { Tokenizer } from '@huggingface/tokenizers'
import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const held = { 'squad_v1.1_train': 700, fairytaleqa_train: 100 }
const gap = 60
const everyDocument = 97

const [data, model, out, megabytes = '153'] = process.argv.slice(2)
mkdirSync(out, { recursive: true })
const read = name => JSON.parse(readFileSync(join(model, name), 'utf8'))
const tokenizer = new Tokenizer(read('tokenizer.json'), read('tokenizer_config.json'))
const ids = text => tokenizer.encode(text, { add_special_tokens: false }).ids
const lines = name =>
  createInterface({ input: spawn('xz', ['-dc', join(data, name)]).stdout, crlfDelay: Infinity })

// A fixed draw: every run takes the same documents.
let seed = 1
const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648

async function text() {
  const share = (Number(megabytes) * 1e6) / 152.7e6
  const files = { text: 'text.bin', held: 'held-text.bin' }
  for (const key in files) files[key] = createWriteStream(join(out, files[key]))
  let [document, file, paragraph] = [0, undefined, '']
  const choose = () =>
    document++ % everyDocument === 50 ? files.held : random() < share ? files.text : undefined
  const [prompt, blank] = [ids('<|bos|><|doc|>'), ids('\n\n')]
  let first = true
  const put = list => file?.write(Buffer.from(Uint16Array.from(list).buffer))
  const endParagraph = () => {
    if (file && paragraph.trim() !== '') {
      const tokens = ids(paragraph.trim())
      put(file === files.text ? [...tokens, 65535] : [...(first ? prompt : blank), ...tokens])
      first = false
    }
    paragraph = ''
  }
  file = choose()
  for await (const line of lines('text_train.txt.xz')) {
    if (line === '<|endoftext|>') {
      endParagraph()
      put([65534])
      first = true
      file = choose()
    } else if (line.trim() === '') endParagraph()
    else paragraph += (paragraph ? '\n' : '') + line
  }
  endParagraph()
  for (const key in files) files[key].end()
}

async function questions() {
  // derived_squad (unanswerable) is left to the scores: while training, questions of neighbouring contexts serve.
  const wanted = /^(squad|fairytaleqa|derived_factbook|derived_medquad|derived_powershell)/
  const [contexts, unanswerable] = [new Map(), []]
  for await (const line of lines('qa_train.jsonl.xz')) {
    const row = JSON.parse(line)
    if (row.source === 'derived_squad_v1.1_train_unanswerable') unanswerable.push(row)
    if (!wanted.test(row.source)) continue
    if (!contexts.has(row.context)) contexts.set(row.context, { source: row.source, rows: [] })
    contexts.get(row.context).rows.push(row)
  }
  const bySource = new Map()
  for (const [context, entry] of contexts) {
    if (!bySource.has(entry.source)) bySource.set(entry.source, [])
    bySource.get(entry.source).push([context, entry])
  }
  const [qa, apart] = [
    createWriteStream(join(out, 'qa.jsonl')),
    createWriteStream(join(out, 'held-qa.jsonl'))
  ]
  const heldContexts = new Set()
  for (const [source, list] of bySource) {
    // Of a small file a twentieth is kept apart.
    const part = Math.floor(list.length / 20)
    const from = list.length - Math.min(held[source] ?? 0, part)
    const until = from === list.length ? from : from - Math.min(gap, part)
    for (const [index, [context, entry]] of list.entries()) {
      if (index >= from) {
        heldContexts.add(context)
        for (const row of entry.rows) apart.write(JSON.stringify(row) + '\n')
      } else if (context.length < 6000 && index < until) {
        const q = entry.rows.filter(row => row.answers.length > 0 && row.answers[0].length <= 120)
        if (q.length > 0)
          qa.write(
            JSON.stringify({ c: ids(context), q: q.map(r => [ids(r.question), ids(' ' + r.answers[0])]) }) +
              '\n'
          )
      }
    }
  }
  for (const row of unanswerable) if (heldContexts.has(row.context)) apart.write(JSON.stringify(row) + '\n')
  qa.end()
  apart.end()
}

await Promise.all([text(), questions()])
