/**
 * A tiny Gemma 4 as its makers publish theirs: config.json nested, model.safetensors, tokenizer.json, chat_template.jinja,
 * generation_config.json and nothing else. Weights are random: it answers, and says nothing.
 */
import { gemmaTemplate } from './gemma-template'
import { gemmaTokenizer } from './gemma-tokenizer'
import { tinyGemma } from './tiny-gemma'
import { tinyMobile } from './tiny-mobile'

/** `mobile`: in Google's mobile format (tiny-mobile.ts), else in BF16. */
export function gemmaFolder(kind: 'plain' | 'mobile' = 'plain', seed = 17): ReadonlyMap<string, Uint8Array> {
  const { json } = gemmaTokenizer()
  const { vocab } = json.model
  const vocabSize = 4 * Math.ceil((Object.keys(vocab).length + 8) / 4)
  const { config, weights } = kind === 'mobile' ? mobile(seed, vocabSize) : plain(seed, vocabSize)
  const eosIds = ['<eos>', '<turn|>'].map(mark => vocab[mark])
  const files = {
    'config.json': JSON.stringify({
      ...config,
      eos_token_id: eosIds,
      image_token_id: vocab['<|image|>'],
      audio_token_id: vocab['<|audio|>'],
      text_config: { ...config.text_config, eos_token_id: vocab['<eos>'], bos_token_id: vocab['<bos>'] }
    }),
    'tokenizer.json': JSON.stringify(json),
    'chat_template.jinja': gemmaTemplate,
    'generation_config.json': JSON.stringify({
      eos_token_id: [...eosIds, vocab['<|tool_response>']],
      ...{ do_sample: true, temperature: 1, top_k: 64, top_p: 0.95 }
    })
  }
  return new Map([
    ['model.safetensors', weights],
    ...Object.entries(files).map(([name, text]): [string, Uint8Array] => [
      name,
      new TextEncoder().encode(text)
    ])
  ])
}

interface Made {
  readonly config: { readonly text_config: Readonly<Record<string, unknown>> }
  readonly weights: Uint8Array
}

function plain(seed: number, vocabSize: number): Made {
  const { bytes } = tinyGemma({ seed, dtype: 'BF16', flat: false }, { vocabSize })
  const config = JSON.parse(new TextDecoder().decode(bytes.get('config.json'))) as Made['config']
  return { config, weights: bytes.get('model.safetensors')! }
}

function mobile(seed: number, vocabSize: number): Made {
  const { configJson, weights } = tinyMobile(seed, { vocabSize })
  return { config: configJson, weights }
}
