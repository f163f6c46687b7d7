/** What tests of weights that were made share: a store in memory, and what tensors stand for, whether floats or codes. */
import type { WeightsStore } from '../derived-weights'
import { openModelFolder } from '../model-folder'
import type { ModelShape } from '../model/family'
import type { ModelFiles } from '../text/byte-source'
import { valueRows } from '../weights/row-reader'
import type { TensorLocation } from '../weights/tensor-location'
import { byteSource } from './memory-files'
import { decode } from './rounding'

/** Makes anew every time. */
export const inMemory: WeightsStore = {
  open: async () => undefined,
  async keep(_name, weights) {
    const parts: Uint8Array[] = []
    for await (const piece of weights.pieces()) parts.push(piece.slice())
    return byteSource(Buffer.concat(parts))
  }
}

export async function modelValues(
  files: ModelFiles
): Promise<{ readonly config: ModelShape; readonly tensor: (role: string) => Float64Array }> {
  const folder = await openModelFolder(files)
  const values = new Map<string, Float64Array>()
  for (const [role, tensor] of folder.tensors) values.set(role, await valuesOf(tensor))
  return {
    config: folder.config,
    tensor(role) {
      const found = values.get(role)
      if (!found) throw new Error(`there is no tensor ${role}`)
      return found
    }
  }
}

async function valuesOf(tensor: TensorLocation): Promise<Float64Array> {
  if (!tensor.codes) {
    const bytes = new Uint8Array(tensor.end - tensor.start)
    await tensor.source.read(tensor.start, bytes)
    return decode(bytes, tensor.dtype)
  }
  const [rows = 1, width = 1] = tensor.shape
  const [all, row] = [new Float64Array(rows * width), valueRows(tensor)]
  for (let i = 0; i < rows; i++) all.set(await row(i), i * width)
  return all
}
