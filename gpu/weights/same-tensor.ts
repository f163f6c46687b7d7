/** Whether two tensors hold the same values in the same way, byte for byte: an output projection that is the embedding. */
import { type FloatTensor, type TensorLocation } from './tensor-location'

const blockBytes = 4 << 20

type Range = Pick<FloatTensor, 'source' | 'start' | 'end'>

/** Compares codes and scales as well; steps of activations are no part of the values. Reads both tensors once. */
export async function sameTensor(a: TensorLocation, b: TensorLocation): Promise<boolean> {
  if (a.dtype !== b.dtype || a.shape.some((size, axis) => size !== b.shape[axis])) return false
  const [codesA, codesB] = [a.codes, b.codes]
  if (codesA?.bits !== codesB?.bits || codesA?.block !== codesB?.block) return false
  const [minimumA, minimumB] = [codesA?.minimum, codesB?.minimum]
  if ((minimumA === undefined) !== (minimumB === undefined)) return false
  if (codesA && codesB && !(await sameFloats(codesA.scale, codesB.scale))) return false
  if (minimumA && minimumB && !(await sameFloats(minimumA, minimumB))) return false
  return sameBytes(a, b)
}

const sameFloats = async (a: FloatTensor, b: FloatTensor): Promise<boolean> =>
  a.dtype === b.dtype && sameBytes(a, b)

async function sameBytes(a: Range, b: Range): Promise<boolean> {
  const length = a.end - a.start
  if (length !== b.end - b.start) return false
  const [blockA, blockB] = [new Uint8Array(blockBytes), new Uint8Array(blockBytes)]
  for (let at = 0; at < length; at += blockBytes) {
    const count = Math.min(blockBytes, length - at)
    await a.source.read(a.start + at, blockA.subarray(0, count))
    await b.source.read(b.start + at, blockB.subarray(0, count))
    // Whole words; what lies behind `count` in the last block is of the block before, and was the same in both.
    const words = Math.ceil(count / 4)
    const [wordsA, wordsB] = [new Uint32Array(blockA.buffer), new Uint32Array(blockB.buffer)]
    for (let i = 0; i < words; i++) if (wordsA[i] !== wordsB[i]) return false
  }
  return true
}
