/**
 * Files of models that are not Readonce's, named for what they are: people drop what they have. The first bytes decide;
 * the name only where nothing in them can.
 */
import type { FailureWord, Said } from './failure-words'

/** Bytes to look at. */
export const weightHead = 4096

const lfs = /^version https:\/\/(git-lfs\.github\.com|hawser\.github\.com)\/spec\/v1\n(?:.*\n)*?size (\d+)\n?/
/** Names with a NUL or another byte behind that no text has: the content says nothing by itself. */
const byName: readonly (readonly [ending: RegExp, word: FailureWord, what?: string])[] = [
  [/\.gguf$|\.ggml$/i, 'weightsGguf'],
  [/\.(pt|pth|ckpt)$|(^|\/)pytorch_model[^/]*\.bin$|(^|\/)consolidated[^/]*\.pth$/i, 'weightsPytorch'],
  [/\.onnx(_data)?$/i, 'weightsOther', 'ONNX'],
  [/\.tflite$/i, 'weightsOther', 'TensorFlow Lite'],
  [/\.(task|litertlm)$/i, 'weightsOther', 'MediaPipe'],
  [/\.(mlmodel|mlpackage)$/i, 'weightsOther', 'Core ML'],
  [/\.(keras|h5)$/i, 'weightsOther', 'Keras'],
  [/\.pb$/i, 'weightsOther', 'TensorFlow'],
  [/\.safetensors$/i, 'weightsOne'],
  [/\.bin$/i, 'weightsUnknown']
]

/** What is to be said of the file; undefined for what is no file of a model. `head`: its first bytes. */
export function weightsSaid(name: string, head: Uint8Array): Said | undefined {
  const file = name.split('/').at(-1) ?? name
  const said = (word: FailureWord, values: Said['values'] = {}): Said => ({
    name: word,
    values: { name: file, ...values }
  })
  const start = String.fromCharCode(...head.subarray(0, weightHead))
  const size = lfs.exec(start)?.[2]
  if (size !== undefined) return said('weightsPointer', { size: Number(size) })
  if (!start.includes('\0') && !/[\x80-\xff]/.test(start)) return undefined
  if (/^(GGUF|tjgg|fmgg|lmgg|algg)/.test(start)) return said('weightsGguf')
  // The length of a header, which begins with "{" and holds no more than 100 MB: safetensors.
  if (/^[^]{4}\0{4}\{\s*"/.test(start)) return said('weightsOne')
  if (start.startsWith('TFL3', 4)) return said('weightsOther', { what: 'TensorFlow Lite' })
  if (start.startsWith('LITERTLM')) return said('weightsOther', { what: 'MediaPipe' })
  if (start.startsWith('PK\x03\x04')) {
    if (/data\.pkl|constants\.pkl/.test(start)) return said('weightsPytorch')
    if (/TF_LITE_/.test(start)) return said('weightsOther', { what: 'MediaPipe' })
  }
  // A pickle of protocol 2 or later begins so; torch.save wrote its magic number first.
  // eslint-disable-next-line no-control-regex
  if (/^\x80[\x02-\x05](\x8a\x0a\x6c\xfc|.*torch)/s.test(start)) return said('weightsPytorch')
  // Protocol buffers: the version of the format, then who wrote it, in letters.
  // eslint-disable-next-line no-control-regex
  const onnx = /^\x08[\x01-\x20]\x12([\x01-\x40])/.exec(start)
  if (onnx && !/\.mlmodel$/i.test(file)) {
    const producer = start.slice(4, 4 + onnx[1]!.charCodeAt(0))
    if (/^[A-Za-z][\w .-]+$/.test(producer)) return said('weightsOther', { what: 'ONNX' })
  }
  const named = byName.find(([ending]) => ending.test(file))
  return named && said(named[1], named[2] === undefined ? {} : { what: named[2] })
}

/** Whether a file could be one by its name: then its first bytes are worth reading. */
export const mayBeWeights = (name: string): boolean => byName.some(([ending]) => ending.test(name))

/**
 * What keeps a folder from being a model of Readonce: a pointer in place of a file, or weights of another kind where there
 * are none in safetensors. `headOf` gives the first bytes of a file of it.
 */
export async function foreignIn(
  names: readonly string[],
  headOf: (name: string) => Promise<Uint8Array>
): Promise<Said | undefined> {
  const looked = names.filter(
    name => mayBeWeights(name) || /(^|\/)(tokenizer|config|params)\.json$/.test(name)
  )
  const found: Said[] = []
  for (const name of looked) {
    const said = weightsSaid(name, await headOf(name))
    if (said?.name === 'weightsPointer') return said
    // A file with that ending which holds another format is no safetensors.
    if (said) found.push(said)
  }
  return found.some(({ name }) => name === 'weightsOne')
    ? undefined
    : found.toSorted((a, b) => rank(a) - rank(b))[0]
}

/** What names its format says more than a file of bytes. */
const rank = ({ name }: Said): number => (name === 'weightsUnknown' ? 1 : 0)
