/**
 * From answers of the engine to the tokens that PyTorch is to foretell:
 *
 *     npm run --silent evaluate -- --set facts --repeats 40 --json --documents > answers.jsonl
 *     node training/agree.mjs MODEL < answers.jsonl > prompts.jsonl
 *     python3 training/agree.py MODEL prompts.jsonl
 */
import { Tokenizer } from '@huggingface/tokenizers'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const read = name => JSON.parse(readFileSync(join(process.argv[2], name), 'utf8'))
const tokenizer = new Tokenizer(read('tokenizer.json'), read('tokenizer_config.json'))
const ids = text => tokenizer.encode(text, { add_special_tokens: false }).ids
const [bos, doc, enddoc, user, assistant, end] = ids('<|bos|><|doc|><|enddoc|><|user|><|assistant|><|end|>')

for await (const line of createInterface({ input: process.stdin })) {
  const { type, document, text, answer, stop } = JSON.parse(line)
  if (type !== 'answer' || document === undefined) continue
  // As in the chat template: an answer begins with a space, which the engine does not show.
  const prompt = [bos, doc, ...ids(document), enddoc, user, ...ids(text), assistant]
  const reply = [...ids(' ' + answer), ...(stop === 'end' ? [end] : [])]
  process.stdout.write(JSON.stringify({ prompt, reply, text, answer }) + '\n')
}
