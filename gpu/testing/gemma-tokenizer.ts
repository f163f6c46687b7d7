/**
 * A small tokenizer of Gemma's kind, of our own making: every description, mark and rule of the large one, some nine
 * hundred pieces. As there, every split of a piece into two pieces is a merge, and the merges of an earlier piece rank
 * before those of a later one. Ids are not Gemma's own but for the first five.
 */
export const gemmaMarks = [
  '<pad>',
  '<eos>',
  '<bos>',
  '<unk>',
  '<mask>',
  '<|think|>',
  '<|channel>',
  '<channel|>',
  '<|turn>',
  '<turn|>',
  '<|tool_call>',
  '<tool_call|>',
  '<|tool_response>',
  '<tool_response|>',
  '<|image>',
  '<image|>',
  '<|image|>',
  '<|audio|>'
] as const

/** Added tokens that are no marks: not special, and still never text of a document. */
const others = ['<unused0>', '<unused1>', '<table>', '<b>']

const space = '\u2581'
const runs = (character: string, first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, i) => character.repeat(first + i))
const byteNames = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`
)
const characters = [
  ...Array.from({ length: 94 }, (_, i) => String.fromCharCode(0x21 + i)),
  ...'äöüßÄÖÜéèçñ–—“”„’…°中文一二人大的是不了こんにちは가나다😀👍'
]

/** Common words and parts of words; those in front come together first. */
const words =
  'th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ' +
  'the ing and her ere ent tha nth was eth for dth hat she ion tio ver his ith oth all wit not but you ter are had one our out who from they said have this that with which there were been their would could what when into more some them then than only will about people water little never house after under great where world ' +
  'ch ei sch ich der die und den das ein nicht mit sich auf ist dem des von zu wir auch Jahr Schlüssel ' +
  'chapter answer question Marie code number date name'

export interface SmallTokenizer {
  readonly json: Readonly<Record<string, unknown>> & {
    readonly model: Readonly<Record<string, unknown>> & { readonly vocab: Readonly<Record<string, number>> }
  }
  /** tokenizer_config.json, without a template: that is a file of its own. */
  readonly config: Readonly<Record<string, unknown>>
}

export function gemmaTokenizer(): SmallTokenizer {
  const texts = [...runs('\n', 1, 7), ...runs(space, 2, 7), ...runs('\t', 1, 4)]
  const vocab: Record<string, number> = {}
  const add = (piece: string) => (vocab[piece] ??= Object.keys(vocab).length)
  const added = [...gemmaMarks, ...others, ...texts]
  for (const piece of [...added, ...byteNames, space, ...characters]) add(piece)
  const spelt = words.split(' ').flatMap(word => [word, space + word])
  for (const piece of spelt)
    for (let end = 2; end <= [...piece].length; end++) add([...piece].slice(0, end).join(''))
  // Two that reach where none of the others do: over a space, and over marks.
  for (const piece of ['>▁</', '."', '...']) add(piece)
  const merges = Object.keys(vocab).flatMap(piece =>
    added.includes(piece) && !texts.includes(piece)
      ? []
      : splitsOf([...piece]).filter(pair => pair.every(part => part in vocab))
  )
  return {
    json: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: added.map(content => ({
        id: vocab[content],
        content,
        ...{ single_word: false, lstrip: false, rstrip: false, normalized: false },
        special: (gemmaMarks as readonly string[]).includes(content) && content !== '<mask>'
      })),
      normalizer: { type: 'Replace', pattern: { String: ' ' }, content: space },
      pre_tokenizer: {
        type: 'Split',
        pattern: { String: ' ' },
        behavior: 'MergedWithPrevious',
        invert: false
      },
      post_processor: null,
      decoder: {
        type: 'Sequence',
        decoders: [
          { type: 'Replace', pattern: { String: space }, content: ' ' },
          { type: 'ByteFallback' },
          { type: 'Fuse' }
        ]
      },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: '<unk>',
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: true,
        byte_fallback: true,
        ignore_merges: false,
        vocab,
        merges
      }
    },
    config: {
      tokenizer_class: 'GemmaTokenizer',
      ...{
        bos_token: '<bos>',
        eos_token: '<eos>',
        pad_token: '<pad>',
        unk_token: '<unk>',
        mask_token: '<mask>'
      },
      ...{ sot_token: '<|turn>', eot_token: '<turn|>', soc_token: '<|channel>', eoc_token: '<channel|>' },
      ...{ think_token: '<|think|>', image_token: '<|image|>', boi_token: '<|image>', eoi_token: '<image|>' },
      model_max_length: 1e30
    }
  }
}

/** Both parts of each split between two characters, but not of the byte names. */
const splitsOf = (letters: readonly string[]): [string, string][] =>
  /^<0x..>$/.test(letters.join(''))
    ? []
    : letters.slice(1).map((_, i) => [letters.slice(0, i + 1).join(''), letters.slice(i + 1).join('')])
