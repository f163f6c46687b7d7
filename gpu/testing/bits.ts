/**
 * The bits that a change of form must not change: logits, answers, and what lies in page files, of every tiny
 * configuration and of the embedded model. All of it goes through the engine's public face, so that the same recorder
 * runs before and after the inside is moved about. tools/bits.mjs records and compares.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type DocumentText, type Engine, type ModelFiles, openEngine, type Session } from '../index'
import { openDawn } from '../node/dawn'
import { memoryFiles } from './memory-files'
import { MemoryStore } from './memory-store'
import { Random } from './random'
import { tinyKinds, tinyModel } from './tiny-model'

export interface Recorded {
  readonly name: string
  /** What was looked at and the first 16 hexadecimal digits of its SHA-256. */
  readonly bits: Readonly<Record<string, string>>
}

interface Subject {
  readonly name: string
  readonly files: () => ModelFiles
  readonly pages: 'f16' | 'f32'
  /** Kernels choose other shapes of workgroups on a graphics card. */
  readonly shape: 'software' | 'hardware'
  readonly ids: Uint32Array
  readonly text: string
}

const digestOf = (...parts: (string | Uint8Array | Float32Array)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts)
    hash.update(
      typeof part === 'string' ? part : new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
    )
  return hash.digest('hex').slice(0, 16)
}

/** Records every subject whose name contains `filter`; `root` is the folder of the checkout. */
export async function* recordBits(root: string, filter = ''): AsyncGenerator<Recorded> {
  for (const subject of subjectsOf(root)) {
    if (!subject.name.includes(filter)) continue
    const gpu = subject.shape === 'hardware' ? posingAsHardware(openDawn('lavapipe')) : openDawn('lavapipe')
    const engine = await openEngine({ gpu, model: subject.files(), pages: subject.pages })
    try {
      yield { name: subject.name, bits: await bitsOf(engine, subject) }
    } finally {
      engine.close()
    }
  }
}

function subjectsOf(root: string): Subject[] {
  const golden = (name: string) =>
    JSON.parse(readFileSync(join(root, 'gpu', 'testing', 'golden', `${name}.json`), 'utf8'))
  const subjects: Subject[] = []
  const letters = Array.from(new Random(3).tokens(900, 26), n => String.fromCharCode(97 + n)).join('')
  for (const kind of tinyKinds) {
    const { options, tokens, vocab } = golden(`tiny-${kind}`)
    const ids = Uint32Array.from([...tokens, ...new Random(4).tokens(320, vocab)])
    for (const dtype of ['F32', 'F16', 'BF16', 'mixed'] as const)
      for (const pages of ['f16', 'f32'] as const)
        for (const shape of ['software', 'hardware'] as const)
          subjects.push({
            name: `${kind} ${dtype} pages-${pages} ${shape}`,
            files: () => tinyModel(kind, { ...options, dtype }).files,
            pages,
            shape,
            ids,
            text: letters.replace(/[xyz]/g, ' ')
          })
  }
  const folder = join(root, 'assets', 'models', 'small')
  const sample = join(root, 'assets', 'samples', 'the-adventures-of-sherlock-holmes.txt')
  const text = readFileSync(sample, 'utf8').slice(0, 6000)
  const { tokens } = golden('model').answers.find(
    (answer: { name: string }) => answer.name === 'beyond the window'
  )
  for (const [pages, shape] of [
    ['f16', 'software'],
    ['f32', 'software'],
    ['f16', 'hardware']
  ] as const)
    subjects.push({
      name: `embedded pages-${pages} ${shape}`,
      files: () =>
        memoryFiles(
          'embedded',
          new Map(readdirSync(folder).map(name => [name, Uint8Array.from(readFileSync(join(folder, name)))]))
        ),
      pages,
      shape,
      ids: Uint32Array.from(tokens),
      text
    })
  return subjects
}

async function bitsOf(engine: Engine, { ids, text }: Subject): Promise<Record<string, string>> {
  const whole = new MemoryStore()
  const document = (pages: MemoryStore): DocumentText => ({ text, digest: 'text', pages })
  const session = await engine.read(document(whole), { chunk: 96 })
  const cut = new MemoryStore()
  const half = Math.floor(session.total * 0.6)
  const stopped = await engine.read(document(cut), { chunk: 64, most: half })
  const answerOfHalf = await answersOf(stopped)
  stopped.close()
  const mark = cut.disk.checkpoint?.payload ?? new Uint8Array()
  const records = recordsOf(cut)
  const again = cut.again()
  const resumed = await engine.read(document(again), { chunk: 64 })
  const reopened = await engine.read(document(whole.again()))
  const apart = await engine.read({ text, digest: 'text' }, { freshEvery: 128, chunk: 64 })
  const bits = {
    tokens: digestOf(String(engine.tokenize(text))),
    logits: await logitsOf(engine, ids, { chunk: 16 }),
    'logits over banks': await logitsOf(engine, ids, { chunk: 40, mostBankBytes: 1 }),
    'logits apart': await logitsOf(engine, ids, { chunk: 40, freshEvery: 24 }),
    identity: digestOf(JSON.stringify(whole.disk.identity)),
    'page file': recordsOf(whole),
    'page file, stopped': records,
    'resume point': digestOf(mark),
    'page file, resumed': recordsOf(again),
    answers: await answersOf(session),
    'answers, stopped': answerOfHalf,
    'answers, resumed': await answersOf(resumed),
    'answers, reopened': await answersOf(reopened),
    'answers, apart': await answersOf(apart),
    continued: digestOf(await engine.complete(text.slice(0, 80), 12))
  }
  for (const each of [session, resumed, reopened, apart]) each.close()
  return bits
}

async function logitsOf(
  engine: Engine,
  ids: Uint32Array,
  options: { chunk: number; mostBankBytes?: number; freshEvery?: number }
): Promise<string> {
  const parts: Float32Array[] = []
  // The golden prompt, both sides of a page's border, the end.
  const looked = (at: number): boolean => at < 16 || (at > 250 && at < 262) || at > ids.length - 3
  const positions = [...ids.keys()].filter(looked)
  await engine.evaluate(ids, { ...options, positions }, (_, logits) => parts.push(logits.slice()))
  return digestOf(...parts)
}

const recordsOf = ({ disk }: MemoryStore): string =>
  digestOf(...disk.records.flatMap(({ kind, payload }) => [`${kind} ${payload.length} `, payload]))

/** One answer by the largest logit, one drawn after a turn before it; times left out. */
async function answersOf(session: Session): Promise<string> {
  const said: string[] = []
  const history = [
    { role: 'user', content: 'Who?' },
    { role: 'assistant', content: 'Nobody.' }
  ] as const
  for (const question of [
    { text: 'What is this about?', mostTokens: 20 },
    {
      text: 'And then?',
      history,
      mostTokens: 20,
      sampling: { temperature: 0.8, topK: 40, topP: 0.9, repetitionPenalty: 1.1, seed: 7 }
    }
  ])
    for await (const part of session.ask(question))
      if (part.type === 'end')
        said.push(JSON.stringify({ ...part, firstTokenSeconds: undefined, tokensPerSecond: undefined }))
  return digestOf(...said)
}

/** The same adapter under the description of a graphics card. */
function posingAsHardware(gpu: GPU): GPU {
  const info = { description: 'posing', device: '', vendor: '', architecture: '', isFallbackAdapter: false }
  return {
    requestAdapter: async options => {
      const adapter = await gpu.requestAdapter(options)
      return (
        adapter &&
        new Proxy(adapter, {
          get(target, name) {
            if (name === 'info') return info
            const value: unknown = Reflect.get(target, name, target)
            return typeof value === 'function' ? value.bind(target) : value
          }
        })
      )
    }
  } as GPU
}
