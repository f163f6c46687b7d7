/**
 * Writes what make_golden.py reads: the golden prompts as token ids of a model, and the tiny models as files.
 *   node gpu/testing/golden/make-inputs.mjs MODEL_FOLDER OUT_FOLDER
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Tokenizer } from '@huggingface/tokenizers'
import { runnerImport } from 'vite'
import { prompts, story } from './prompts.mjs'

const [modelFolder, out] = process.argv.slice(2)
const { writeTinyModel } = (await runnerImport('./gpu/testing/tiny-model.ts')).module
const { Random } = (await runnerImport('./gpu/testing/random.ts')).module
const read = name => readFileSync(join(modelFolder, name))
const tokenizer = new Tokenizer(JSON.parse(read('tokenizer.json')), JSON.parse(read('tokenizer_config.json')))

const id = token => tokenizer.token_to_id(token)
const ids = text => tokenizer.encode(text).ids

function tokensOf({ characters = 0, at, sentence, question }) {
  let document = story.slice(0, characters)
  if (sentence) document = document.slice(0, at) + sentence + document.slice(at)
  return [
    id('<|bos|>'),
    ...(document ? [id('<|doc|>'), ...ids(document), id('<|enddoc|>')] : []),
    ...[id('<|user|>'), ...ids(question), id('<|assistant|>')]
  ]
}

const tinyOptions = {
  'official-retention': { seed: 101, dtype: 'mixed', shards: 2 },
  'official-window': { seed: 102, dtype: 'BF16' },
  'fla-retention': { seed: 103, dtype: 'F32' },
  'fla-retention-yoco-rope': { seed: 104, dtype: 'F16' },
  'fla-window': { seed: 105, dtype: 'mixed' }
}

mkdirSync(out, { recursive: true })
const tiny = []
for (const [kind, options] of Object.entries(tinyOptions)) {
  const { config } = await writeTinyModel(join(out, kind), kind, options)
  const count = config.layout === 'official' ? 13 : 9
  tiny.push({ kind, options, tokens: new Random(options.seed).tokens(count, config.vocabSize) })
}
const weights = createHash('sha256').update(read('model.safetensors')).digest('hex')
const tokenized = prompts.map(prompt => ({ name: prompt.name, tokens: tokensOf(prompt) }))
writeFileSync(join(out, 'inputs.json'), JSON.stringify({ weights, prompts: tokenized, tiny }))
