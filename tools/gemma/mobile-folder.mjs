/**
 * A model folder in the format of Google's mobile checkpoints of Gemma 4 with the real shapes and random values:
 *   node tools/gemma/mobile-folder.mjs e2b|e4b FOLDER
 * It says nothing sensible; sizes, memory and speed are those of the real one. The bytes of a tensor follow from its name and
 * their place, so that a test reads any range of the file without there being one.
 */
import { mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { argv } from 'node:process'
import { pathToFileURL } from 'node:url'

/**
 * @typedef {'F32' | 'BF16' | 'U8' | 'I8'} Type
 * @typedef {{ name: string, type: Type, shape: number[], fill: Fill, seed: number }} Tensor
 * @typedef {(bytes: Uint8Array<ArrayBuffer>, first: number, seed: number) => void} Fill   `first`: of the tensor's bytes
 * @typedef {{ hidden: number, layers: number, ffn: number, wideFfn: boolean, kvHeads: number, shared: number,
 *   sliding: number, tableBits: 2 | 4, sharedFfnBits: 2 | 4 }} Sizes
 */

/** @type {Record<'e2b' | 'e4b', Sizes>} */
const published = {
  e2b: {
    ...{ hidden: 1536, layers: 35, ffn: 6144, wideFfn: true, kvHeads: 1, shared: 20, sliding: 4 },
    tableBits: 4,
    sharedFfnBits: 2
  },
  e4b: {
    ...{ hidden: 2560, layers: 42, ffn: 10_240, wideFfn: false, kvHeads: 2, shared: 18, sliding: 5 },
    tableBits: 2,
    sharedFfnBits: 4
  }
}
const [vocab, heads, head, fullHead, perLayer] = [262_144, 8, 256, 512, 256]

/** @param {'e2b' | 'e4b'} model */
export function mobileConfig(model) {
  const { hidden, layers, ffn, wideFfn, kvHeads, shared, sliding, tableBits } = published[model]
  const types = Array.from({ length: layers }, (_, i) =>
    (i + 1) % (sliding + 1) === 0 ? 'full_attention' : 'sliding_attention'
  )
  const bits = (/** @type {number} */ num_bits) => ({ num_bits })
  const own = String.raw`language_model\.layers\.\d+\.`
  return {
    model_type: 'gemma4',
    tie_word_embeddings: false,
    text_config: {
      model_type: 'gemma4_text',
      vocab_size: vocab,
      vocab_size_per_layer_input: vocab,
      hidden_size: hidden,
      intermediate_size: ffn,
      num_hidden_layers: layers,
      num_attention_heads: heads,
      num_key_value_heads: kvHeads,
      head_dim: head,
      global_head_dim: fullHead,
      hidden_size_per_layer_input: perLayer,
      sliding_window: 512,
      layer_types: types,
      num_kv_shared_layers: shared,
      use_double_wide_mlp: wideFfn,
      final_logit_softcapping: 30,
      max_position_embeddings: 131_072
    },
    quantization_config: {
      quant_method: 'gemma',
      num_bits: 4,
      quantize_embeddings: true,
      module_quant_configs: {
        '^lm_head$': bits(2),
        [String.raw`language_model\.embed_tokens$`]: bits(2),
        [String.raw`language_model\.embed_tokens_per_layer$`]: bits(tableBits),
        ...(model === 'e2b' && { [String.raw`language_model\.layers\.(\d|1[0-4])\.mlp\.`]: bits(4) }),
        [`${own}mlp${String.raw`\.`}`]: bits(published[model].sharedFfnBits),
        [`${own}per_layer_input_gate$`]: bits(8),
        [`${own}per_layer_projection$`]: bits(8),
        [`${own}self_attn${String.raw`\.`}`]: bits(4),
        vision_tower: bits(8)
      },
      modules_to_not_convert: ['model.vision_tower.patch_embedder', 'per_layer_model_projection']
    }
  }
}

/** @type {Record<Type, number>} */
const bytesPer = { F32: 4, BF16: 2, U8: 1, I8: 1 }
/** @param {Tensor} tensor */
const bytesOf = ({ type, shape }) => shape.reduce((a, b) => a * b, bytesPer[type])

/**
 * 32 bits that follow from a number.
 * @param {number} x
 */
function mixed(x) {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d)
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b)
  return (x ^ (x >>> 16)) >>> 0
}

/**
 * Words by their index, into a range that may begin anywhere.
 * @param {(index: number, seed: number) => number} word
 * @returns {Fill}
 */
const words = word => (bytes, first, seed) => {
  const begin = Math.floor(first / 4)
  const filled = new Uint32Array(Math.ceil((first + bytes.length) / 4) - begin)
  for (let i = 0; i < filled.length; i++) filled[i] = word(begin + i, seed)
  bytes.set(new Uint8Array(filled.buffer).subarray(first - begin * 4, first - begin * 4 + bytes.length))
}
const random = words((i, seed) => mixed(i + seed))
/** @param {number} value */
const float = value => {
  const [bits] = new Uint32Array(Float32Array.of(value).buffer)
  return words(() => bits ?? 0)
}
/** @param {number} value */
const brain = value => {
  const half = (new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0) >>> 16
  return words(() => (half << 16) | half)
}
/** Of either sign, 1/128 to 1/32. */
const brains = words((i, seed) => (mixed(i + seed) & 0x80ff80ff) | 0x3c003c00)

/** Root of the mean square of codes that are equally likely. */
const spread = { 2: 1.2, 4: 4.6, 8: 74 }

/**
 * In the order of the published files: F32, BF16, codes, without padding; the codes begin at 2 mod 4 in E2B.
 * @param {'e2b' | 'e4b'} model
 * @returns {Tensor[]}
 */
export function mobileTensors(model) {
  const { hidden, layers, ffn, wideFfn, kvHeads, shared, sliding, tableBits, sharedFfnBits } =
    published[model]
  /** @type {Tensor[]} */
  const all = []
  /** @param {string} name @param {Type} type @param {number[]} shape @param {Fill} fill @param {string} [like] */
  const add = (name, type, shape, fill, like = name) => {
    const seed = [...like].reduce((sum, letter) => mixed(sum + letter.charCodeAt(0)), 1)
    all.push({ name, type, shape, fill, seed })
  }
  /** @param {string} name @param {number} out @param {number} inputs @param {2 | 4 | 8} bits @param {number} [scale] */
  const linear = (name, out, inputs, bits, scale = 1 / (spread[bits] * Math.sqrt(inputs))) => {
    const type = bits === 8 ? 'I8' : 'U8'
    add(`${name}.weight`, type, [out, (inputs * bits) / 8], random)
    add(`${name}.weight_scale`, 'F32', [out, 1], float(scale))
    add(`${name}.input_activation_scale`, 'F32', [], float(1 / 32))
    add(`${name}.output_activation_scale`, 'F32', [], float(1 / 32))
  }
  const prefix = 'model.language_model.'
  /** @param {string} name @param {number} size */
  const norm = (name, size) => add(`${name}.weight`, 'BF16', [size], brain(1))

  const embed = `${prefix}embed_tokens`
  add(`${embed}.embedding_quantized`, 'U8', [vocab, hidden / 4], random)
  add(`${embed}.embedding_scale`, 'F32', [vocab, 1], float(0.03))
  // The output projection holds the embedding's bytes.
  add('lm_head.weight', 'U8', [vocab, hidden / 4], random, `${embed}.embedding_quantized`)
  add('lm_head.weight_scale', 'F32', [vocab, 1], float(0.03))
  add('lm_head.input_activation_scale', 'F32', [], float(0))
  add('lm_head.output_activation_scale', 'F32', [], float(0))
  const table = `${prefix}embed_tokens_per_layer`
  add(`${table}.embedding_quantized`, 'U8', [vocab, (layers * perLayer * tableBits) / 8], random)
  add(`${table}.embedding_scale`, 'F32', [vocab, layers], float(0.02))
  add(`${prefix}per_layer_model_projection.weight`, 'BF16', [layers * perLayer, hidden], brains)
  norm(`${prefix}per_layer_projection_norm`, perLayer)
  norm(`${prefix}norm`, hidden)
  for (let i = 0; i < layers; i++) {
    const layer = `${prefix}layers.${i}.`
    const [own, full] = [i < layers - shared, (i + 1) % (sliding + 1) === 0]
    const size = full ? fullHead : head
    const [width, bits] = own ? [ffn, /** @type {const} */ (4)] : [wideFfn ? 2 * ffn : ffn, sharedFfnBits]
    for (const name of [
      'input_layernorm',
      'post_attention_layernorm',
      'pre_feedforward_layernorm',
      'post_feedforward_layernorm',
      'post_per_layer_input_norm'
    ])
      norm(layer + name, hidden)
    add(`${layer}layer_scalar`, 'BF16', [1], brain(0.75))
    norm(`${layer}self_attn.q_norm`, size)
    if (own) norm(`${layer}self_attn.k_norm`, size)
    linear(`${layer}self_attn.q_proj`, heads * size, hidden, 4)
    linear(`${layer}self_attn.k_proj`, kvHeads * size, hidden, 4)
    linear(`${layer}self_attn.v_proj`, kvHeads * size, hidden, 4)
    linear(`${layer}self_attn.o_proj`, hidden, heads * size, 4)
    add(`${layer}self_attn.k_cache_scale`, 'F32', [], float(full ? 0.3 : 0.03))
    add(`${layer}self_attn.v_cache_scale`, 'F32', [], float(full ? 2 / 7 : 6 / 127))
    linear(`${layer}mlp.gate_proj`, width, hidden, bits)
    linear(`${layer}mlp.up_proj`, width, hidden, bits)
    linear(`${layer}mlp.down_proj`, hidden, width, bits)
    linear(`${layer}per_layer_input_gate`, perLayer, hidden, 8)
    linear(`${layer}per_layer_projection`, hidden, perLayer, 8)
  }
  // What a reader of text skips.
  add('model.vision_tower.patch_embedder.weight', 'BF16', [32, 16], brains)
  add('model.embed_vision.scale', 'F32', [], float(1))
  const order = { F32: 0, BF16: 1, U8: 2, I8: 2 }
  return all.sort((a, b) => order[a.type] - order[b.type])
}

/**
 * The file as ranges: its size, and any of its bytes.
 * @param {readonly Tensor[]} tensors
 */
export function safetensors(tensors) {
  /** @type {Record<string, unknown>} */
  const entries = { __metadata__: { format: 'pt' } }
  /** @type {number[]} */
  const starts = []
  let size = 0
  for (const tensor of tensors) {
    starts.push(size)
    const end = size + bytesOf(tensor)
    entries[tensor.name] = { dtype: tensor.type, shape: tensor.shape, data_offsets: [size, end] }
    size = end
  }
  const text = JSON.stringify(entries)
  const json = new TextEncoder().encode(text + ' '.repeat((8 - (text.length % 8)) % 8))
  const header = new Uint8Array(8 + json.length)
  new DataView(header.buffer).setBigUint64(0, BigInt(json.length), true)
  header.set(json, 8)
  return {
    size: header.length + size,
    /** @param {number} offset @param {Uint8Array} into */
    async read(offset, into) {
      let done = 0
      if (offset < header.length) {
        const part = header.subarray(offset, offset + into.length)
        into.set(part)
        done = part.length
      }
      while (done < into.length) {
        const at = offset + done - header.length
        const i = indexAt(starts, at)
        const tensor = tensors[i]
        const first = at - (starts[i] ?? 0)
        const count = tensor ? Math.min(into.length - done, bytesOf(tensor) - first) : 0
        if (!tensor || count <= 0) throw new RangeError(`bytes ${offset} to ${offset + into.length}`)
        const bytes = new Uint8Array(count)
        tensor.fill(bytes, first, tensor.seed)
        into.set(bytes, done)
        done += count
      }
    }
  }
}

/**
 * The last that begins at or before `at` and is not empty.
 * @param {readonly number[]} starts @param {number} at
 */
function indexAt(starts, at) {
  let [low, high] = [0, starts.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((starts[middle] ?? 0) <= at) low = middle
    else high = middle - 1
  }
  return low
}

/** @param {'e2b' | 'e4b'} model @param {string} folder */
async function write(model, folder) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'config.json'), JSON.stringify(mobileConfig(model), undefined, 1))
  const source = safetensors(mobileTensors(model))
  const file = openSync(join(folder, 'model.safetensors'), 'w')
  const block = new Uint8Array(16 << 20)
  for (let at = 0; at < source.size; at += block.length) {
    const bytes = block.subarray(0, Math.min(block.length, source.size - at))
    await source.read(at, bytes)
    writeSync(file, bytes)
  }
  console.log(`${folder}: ${model}, ${source.size} bytes of random weights`)
}

if (import.meta.url === pathToFileURL(argv[1] ?? '').href) {
  const [model, folder] = argv.slice(2)
  if ((model !== 'e2b' && model !== 'e4b') || folder === undefined) {
    console.error('node tools/gemma/mobile-folder.mjs e2b|e4b FOLDER')
    process.exitCode = 2
  } else await write(model, folder)
}
