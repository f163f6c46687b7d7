/**
 * Opens a model folder: decides which layout it has, checks the configuration and the place, shape and type of
 * every tensor, and hands out where everything lies. Only headers and JSON are read, so a wrong folder is refused
 * by name within the first second and before anything is uploaded.
 */
import { downloadInstead, refusePacked, titleOf, unfinishedIn } from './checkpoints'
import { familyOf } from './families'
import type { Family, ModelShape, Tensors } from './model/family'
import type { ByteSource, ModelFiles } from './text/byte-source'
import { type GenerationConfig, readGenerationConfig } from './text/generation-config'
import {
  broken,
  checkSize,
  field,
  isObject,
  parseJsonObject,
  readTextFile,
  shown,
  unsupported,
  type JsonObject
} from './text/json'
import { readSafetensorsHeader, type SafetensorsFile } from './text/safetensors'
import { sha256 } from './text/sha256'
import { derivedName, derivedPrecisions } from './weights/derive-weights'

export interface CheckedModel {
  readonly name: string
  /** What people call it: "Gemma 4 E2B, mobile"; undefined where that is the folder's name. */
  readonly title: string | undefined
  readonly family: Family
  /** As its family made it. */
  readonly config: ModelShape
  readonly tensors: Tensors
  /** Content of tokenizer.json, read anew each time; undefined for weights without one, which compute logits but read no text. */
  readTokenizer(): Promise<Uint8Array | undefined>
  /** Content of tokenizer_config.json ("{}" without one), with the template of chat_template.jinja where that is a file. */
  readonly tokenizerConfig: string
  readonly generation: GenerationConfig
  /** What a saved document depends on, in lower-case hexadecimal. Reads every weight once, unless the host remembers. */
  digests(): Promise<ModelDigests>
}

interface ModelDigests {
  /** SHA-256 over the sorted digests of the weight files, one per line. */
  readonly weights: string
  readonly config: string
  /** SHA-256 over the digests of tokenizer.json, tokenizer_config.json and chat_template.jinja. */
  readonly tokenizer: string
}

/** The largest seen: a configuration 20 kB, a tokenizer 33 MB, a template 12 kB, an index 9 MB. */
const most = {
  config: 4 << 20,
  tokenizer: 128 << 20,
  tokenizerConfig: 16 << 20,
  template: 64 << 10,
  index: 64 << 20
}
const shardLimit = 4096

/** Throws EngineFailure unsupported-model or broken-model, naming what was found, or what `files` throws. */
export async function openModelFolder(files: ModelFiles): Promise<CheckedModel> {
  const names = new Set(await files.list())
  const configName = names.has('config.json') ? 'config.json' : 'params.json'
  if (!names.has(configName)) throw noConfiguration(names)
  const json = await readJson(files, configName, most.config)
  refusePacked(json)
  const { family, config } = familyOf({ name: configName, json })

  const index =
    names.has(indexName) && !names.has('model.safetensors') ? await readIndex(files, names) : undefined
  const weightNames = index === undefined ? [singleFile(names)] : [...new Set(index.values())].sort()
  const shards: SafetensorsFile[] = []
  for (const name of weightNames) shards.push(await readSafetensorsHeader(await files.open(name), name))
  if (index !== undefined) checkIndex(index, shards)
  const tensors = family.tensors(config, shards)

  const tokenizerConfig = await readTokenizerConfig(files, names)
  const generation = names.has('generation_config.json')
    ? await readJson(files, 'generation_config.json', most.config)
    : undefined
  return {
    name: files.name,
    title: titleOf(json),
    family,
    config: { ...config, trainedLength: config.trainedLength ?? statedLength(tokenizerConfig) },
    tensors,
    readTokenizer: () => readTokenizer(files, names),
    tokenizerConfig: JSON.stringify(tokenizerConfig),
    generation: readGenerationConfig(configName === 'config.json' ? json : undefined, generation),
    digests: () => digestsOf(files, names, weightNames, configName)
  }
}

function noConfiguration(names: ReadonlySet<string>) {
  const gguf = [...names].find(name => /\.gguf$/i.test(name))
  if (gguf !== undefined) {
    return unsupported(
      `This folder holds ${shown(gguf)}, a GGUF file of llama.cpp, which this program does not read. ` +
        `Expected safetensors with config.json or params.json. ${downloadInstead}`
    )
  }
  const found = [...names].slice(0, 5).map(shown).join(', ') || 'nothing'
  return unsupported(
    `This folder has no config.json and no params.json (found ${found}). Choose a model folder.`
  )
}

/** Weights that were made of the model's own lie beside them. */
const derivedNames: readonly string[] = derivedPrecisions.map(derivedName)

/** The name of the one safetensors file of a folder without an index. */
function singleFile(names: ReadonlySet<string>): string {
  if (names.has('model.safetensors')) return 'model.safetensors'
  const found = [...names].filter(name => name.endsWith('.safetensors') && !derivedNames.includes(name))
  if (found.length === 1) return found[0]!
  if (found.length > 1) {
    throw broken(
      `This folder holds ${found.length} safetensors files but no ${indexName}. Download the model again.`
    )
  }
  const unfinished = unfinishedIn(names)
  if (unfinished) throw unfinished
  const other = [...names].find(name => /\.(bin|pth|pt|ckpt|gguf)$/i.test(name))
  if (other === undefined)
    throw broken('This folder holds no weights, expected model.safetensors. Download it again.')
  throw unsupported(
    /\.gguf$/i.test(other)
      ? `The weights are ${shown(other)}, a GGUF file of llama.cpp; expected safetensors. ${downloadInstead}`
      : `The weights are ${shown(other)}, a Python pickle that could run code when opened; expected safetensors. ` +
          'Convert them offline, for instance with the safetensors package, and choose the folder again.'
  )
}

const indexName = 'model.safetensors.index.json'

/** Tensor name → shard. Shard names must be plain: a path in an index could point anywhere. */
async function readIndex(files: ModelFiles, names: ReadonlySet<string>): Promise<Map<string, string>> {
  const map = field(await readJson(files, indexName, most.index), 'weight_map')
  if (!isObject(map))
    throw broken(`${indexName}: weight_map is ${shown(map)}, expected file names by tensor.`)
  const shards = new Map<string, string>()
  for (const [tensor, shard] of Object.entries(map)) {
    if (typeof shard !== 'string' || !/^[^/\\\0:]{1,240}\.safetensors$/.test(shard)) {
      throw broken(
        `${indexName} places ${shown(tensor)} in ${shown(shard)}, expected a plain name of a safetensors file.`
      )
    }
    shards.set(tensor, shard)
  }
  const distinct = new Set(shards.values())
  if (distinct.size === 0 || distinct.size > shardLimit) {
    throw broken(`${indexName} names ${distinct.size} files, expected 1 to ${shardLimit}.`)
  }
  for (const shard of distinct) {
    if (!names.has(shard))
      throw broken(`${indexName} names ${shown(shard)}, which is not in the folder. Download it.`)
  }
  return shards
}

/** The index and the shards must name the same tensors in the same places. */
function checkIndex(index: ReadonlyMap<string, string>, shards: readonly SafetensorsFile[]): void {
  const byName = new Map(shards.map(shard => [shard.fileName, shard]))
  for (const [tensor, shard] of index) {
    if (byName.get(shard)?.tensors.has(tensor)) continue
    throw broken(
      `${indexName} places ${shown(tensor)} in ${shown(shard)}, which does not hold it. Download it again.`
    )
  }
  for (const { fileName, tensors } of shards) {
    for (const tensor of tensors.keys()) {
      if (index.get(tensor) === fileName) continue
      throw broken(
        `${fileName} holds ${shown(tensor)}, which ${indexName} does not place there. Download it again.`
      )
    }
  }
}

async function readJson(files: ModelFiles, name: string, limit: number): Promise<JsonObject> {
  return parseJsonObject(await readTextFile(await files.open(name), name, limit), name)
}

async function readIfThere(
  files: ModelFiles,
  names: ReadonlySet<string>,
  name: string,
  limit: number
): Promise<string | undefined> {
  if (!names.has(name)) return undefined
  const source: ByteSource = await files.open(name)
  return await readTextFile(source, name, limit)
}

async function readTokenizer(files: ModelFiles, names: ReadonlySet<string>): Promise<Uint8Array | undefined> {
  const name = 'tokenizer.json'
  if (!names.has(name)) return undefined
  const source = await files.open(name)
  checkSize(source, name, most.tokenizer)
  const bytes = new Uint8Array(source.size)
  await source.read(0, bytes)
  // Without a byte order mark, which JSON does not have.
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}

async function readTokenizerConfig(files: ModelFiles, names: ReadonlySet<string>): Promise<JsonObject> {
  const name = 'tokenizer_config.json'
  const json = names.has(name) ? await readJson(files, name, most.tokenizerConfig) : {}
  const template = await readIfThere(files, names, 'chat_template.jinja', most.template)
  return template === undefined ? json : { ...json, chat_template: template }
}

/** model_max_length, unless it is the "no limit" of 1e30 that tokenizers write. */
function statedLength(tokenizerConfig: JsonObject): number | undefined {
  const value = field(tokenizerConfig, 'model_max_length')
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 && value < 1e9
    ? value
    : undefined
}

async function digestsOf(
  files: ModelFiles,
  names: ReadonlySet<string>,
  weightNames: readonly string[],
  configName: string
): Promise<ModelDigests> {
  const weights: string[] = []
  for (const name of weightNames) weights.push(await files.digest(name))
  const tokenizer: string[] = []
  for (const name of ['tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja']) {
    if (names.has(name)) tokenizer.push(`${name} ${await files.digest(name)}`)
  }
  return {
    weights: await sha256(weights.sort().join('\n')),
    config: await files.digest(configName),
    tokenizer: await sha256(tokenizer.join('\n'))
  }
}
