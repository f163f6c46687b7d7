/** Weights of fewer bits, made of a model's own and sent to the host slice by slice: neither is in memory whole. */
import { dropped, longestSlice } from '../../contract/bytes'
import {
  type DerivedPrecision,
  type DerivedWeights,
  filesWithWeights,
  type ModelFiles
} from '../../gpu/index'
import type { Routes } from './routes'

export interface Making {
  readonly model: ModelFiles
  readonly precision: DerivedPrecision
  /** A name of the page's making. */
  readonly drop: string
  onProgress(done: number, total: number): void
}

/** False where nothing had to be made. Rejects with HostFailure `disk-full` before anything is computed. */
export async function makeWeights(routes: Routes, making: Making): Promise<boolean> {
  const { model, precision, drop, onProgress } = making
  let made = false
  await filesWithWeights(model, precision, {
    open: name => openListed(model, name),
    async keep(name, weights) {
      await send(routes, drop, name, weights, onProgress)
      made = true
      // Nobody reads them before the host has kept them.
      return { size: weights.bytes, read: () => Promise.reject(new Error(`${name} was only sent`)) }
    }
  })
  return made
}

export const openListed = async (model: ModelFiles, name: string) =>
  (await model.list()).includes(name) ? model.open(name) : undefined

async function send(
  routes: Routes,
  drop: string,
  name: string,
  { bytes, pieces }: DerivedWeights,
  onProgress: (done: number, total: number) => void
): Promise<void> {
  const slice = new Uint8Array(Math.min(longestSlice, bytes))
  let [sent, filled] = [0, 0]
  const put = async (): Promise<void> => {
    const headers: Record<string, string> = sent === 0 ? { 'x-total': String(bytes) } : {}
    await routes(dropped(drop, name, sent), { method: 'PUT', headers, body: slice.slice(0, filled) })
    sent += filled
    filled = 0
    onProgress(sent, bytes)
  }
  onProgress(0, bytes)
  for await (const piece of pieces())
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + slice.length - filled)
      slice.set(part, filled)
      filled += part.length
      at += part.length
      if (filled === slice.length) await put()
    }
  if (filled > 0) await put()
}
