/** What tests of a family share: models of files on a device, their logits, and every bit that a reading leaves. */
import type { Device } from '../device/device'
import { evaluate } from '../evaluate'
import type { PageKind } from '../kernels/page-format'
import { Pages } from '../kv/pages'
import type { Carry } from '../kv/carry'
import { type Model, newCarry } from '../model/model'
import { openModelFolder } from '../model-folder'
import { prefill } from '../prefill'
import type { ModelFiles } from '../text/byte-source'
import { bytesOf } from './readings'

export async function openModel(
  files: ModelFiles,
  device: Device,
  pages: PageKind,
  longest?: number
): Promise<Model> {
  const folder = await openModelFolder(files)
  return folder.family.load(device, folder.config, folder.tensors, { pages, longest })
}

export interface LogitsOptions {
  readonly positions: readonly number[]
  readonly chunk?: number
  readonly mostBankBytes?: number
}

/** All logits at the positions, one after another. */
export async function logitsOf(
  model: Model,
  tokens: ArrayLike<number>,
  options: LogitsOptions
): Promise<Float64Array[]> {
  const found: Float64Array[] = []
  await evaluate(
    model,
    Uint32Array.from(tokens),
    options,
    (_, logits) => void found.push(Float64Array.from(logits))
  )
  return found
}

export interface Reading {
  readonly carry: Carry
  readonly pages: Pages
}

export async function readWhole(
  model: Model,
  tokens: ArrayLike<number>,
  options: { readonly chunk?: number; readonly mostBankBytes?: number } = {}
): Promise<Reading> {
  const { device, layout } = model
  const pages = await Pages.allocate(device, tokens.length, layout.pageBytes, options.mostBankBytes)
  const carry = newCarry(model)
  await prefill(model, { ids: Uint32Array.from(tokens), from: 0, carry, pages }, { chunk: options.chunk })
  return { carry, pages }
}

/** Pages of all banks and the saved carry; frees both. */
export async function bitsLeft(model: Model, reading: Reading): Promise<Buffer> {
  const { pages, carry } = await bytesOf(model, reading)
  reading.carry.free()
  reading.pages.free()
  return Buffer.concat([pages, carry])
}
