/**
 * A byte-level tokenizer that knows every byte and no merges, with the control tokens of a chat model. Ids are those
 * of the embedded model's first 264 entries; a tiny model's vocabulary has a few rows beyond them that no token
 * names, as real checkpoints have.
 */
const controls = [
  '<|pad|>',
  '<|bos|>',
  '<|eos|>',
  '<|user|>',
  '<|assistant|>',
  '<|end|>',
  '<|doc|>',
  '<|enddoc|>'
]

export const tinyTokenCount = controls.length + 256

/** The id of a byte of text. */
export const byteId = (byte: number) => controls.length + byte

/** The printable stand-in for a byte: itself where it can be seen, else the next free character from U+0100 on. */
function visibleBytes(): string[] {
  let free = 0x100
  return Array.from({ length: 256 }, (_, byte) => {
    const visible = (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174
    return String.fromCharCode(visible ? byte : free++)
  })
}

export function tinyTokenizerFiles(): Map<string, Uint8Array> {
  const tokens = [...controls, ...visibleBytes()]
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: controls.map((content, id) => ({
      ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
    })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: []
    }
  }
  const turns = [
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'document' %}<|doc|>{{ m.content }}<|enddoc|>",
    "{% elif m.role == 'user' %}<|user|>{{ m.content }}",
    "{% elif m.role == 'assistant' %}<|assistant|> {{ m.content }}<|end|>{% endif %}{% endfor %}",
    '{% if add_generation_prompt %}<|assistant|>{% endif %}'
  ]
  const settings = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: '<|bos|>',
    eos_token: '<|end|>',
    pad_token: '<|pad|>',
    additional_special_tokens: ['<|eos|>', '<|user|>', '<|assistant|>', '<|end|>', '<|doc|>', '<|enddoc|>'],
    clean_up_tokenization_spaces: false,
    chat_template: turns.join('')
  }
  const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))
  return new Map([
    ['tokenizer.json', json(tokenizer)],
    ['tokenizer_config.json', json(settings)]
  ])
}
