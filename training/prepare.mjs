/**
 * Cuts the training files into tokens once: `node training/prepare.mjs DATA MODEL OUT [TEXT_MB]`.
 * DATA holds qa_train.jsonl.xz and text_train.txt.xz (unpacked by xz), MODEL a tokenizer.json.
 * Writes OUT/text.bin (u16 ids, paragraphs end with 65535, documents with 65534) and OUT/qa.jsonl
 * ({ c: ids, q: [[question ids, answer ids]…] }, an empty answer: the context does not say).
 */
import { Tokenizer } from '@huggingface/tokenizers'
import { spawn } from 'node:child_process'
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const [data, model, out, megabytes = '60'] = process.argv.slice(2)
mkdirSync(out, { recursive: true })
const read = name => JSON.parse(readFileSync(join(model, name), 'utf8'))
const tokenizer = new Tokenizer(read('tokenizer.json'), read('tokenizer_config.json'))
const ids = text => tokenizer.encode(text, { add_special_tokens: false }).ids
const lines = name =>
  createInterface({ input: spawn('xz', ['-dc', join(data, name)]).stdout, crlfDelay: Infinity })

// A fixed draw: every run takes the same documents.
let seed = 1
const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648

const share = (Number(megabytes) * 1e6) / 152.7e6
const text = createWriteStream(join(out, 'text.bin'))
let [taking, paragraph] = [random() < share, '']
const put = list => text.write(Buffer.from(Uint16Array.from(list).buffer))
const endParagraph = () => {
  if (taking && paragraph.trim() !== '') put([...ids(paragraph.trim()), 65535])
  paragraph = ''
}
for await (const line of lines('text_train.txt.xz')) {
  if (line === '<|endoftext|>') {
    endParagraph()
    if (taking) put([65534])
    taking = random() < share
  } else if (line.trim() === '') endParagraph()
  else paragraph += (paragraph ? '\n' : '') + line
}
endParagraph()
text.end()

const wanted = /^(squad|derived_squad|fairytaleqa|derived_factbook|derived_medquad|derived_powershell)/
const qa = createWriteStream(join(out, 'qa.jsonl'))
let [context, questions] = ['', []]
const flush = () => {
  if (questions.length > 0 && context.length < 6000)
    qa.write(
      JSON.stringify({
        c: ids(context),
        q: questions.map(([q, a]) => [ids(q), a === '' ? [] : ids(' ' + a)])
      }) + '\n'
    )
  questions = []
}
for await (const line of lines('qa_train.jsonl.xz')) {
  const row = JSON.parse(line)
  if (!wanted.test(row.source)) continue
  const answer = row.answers[0] ?? ''
  if (answer.length > 120) continue
  if (row.context !== context) flush()
  context = row.context
  questions.push([row.question, answer])
}
flush()
qa.end()
