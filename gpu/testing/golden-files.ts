/**
 * The golden numbers that golden/make_golden.py got from PyTorch in float64. `model.json`: for each prompt the token
 * ids, the 32 likeliest tokens one after another (not stopping anywhere), by how much each won, and the 16 largest
 * logits of the first. `tiny-{kind}.json`: the options that make the same tiny model again, token ids, and all
 * logits at all positions as base64 of little-endian doubles.
 */
import { readFileSync } from 'node:fs'
import type { TinyKind, TinyOptions } from './tiny-model'

export interface GoldenAnswer {
  readonly name: string
  readonly tokens: number[]
  readonly greedy: number[]
  /** Logit of the chosen token less that of the next best: where it is small, an honest rounding may choose differently. */
  readonly margins: number[]
  readonly topIds: number[]
  readonly topLogits: number[]
}

export interface GoldenModel {
  /** SHA-256 of the weights that these numbers belong to. */
  readonly weights: string
  readonly answers: GoldenAnswer[]
}

export interface GoldenTiny {
  readonly options: TinyOptions
  readonly tokens: number[]
  readonly logits: Float64Array[]
}

const load = (name: string) =>
  JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8'))

export const goldenModel = (): GoldenModel => load('model')

export function goldenTiny(kind: TinyKind): GoldenTiny {
  const { options, tokens, vocab, logits } = load(`tiny-${kind}`)
  const bytes = Buffer.from(logits, 'base64')
  const rows = tokens.map((_: number, t: number) =>
    Float64Array.from({ length: vocab }, (_, id) => bytes.readDoubleLE(8 * (t * vocab + id)))
  )
  return { options, tokens, logits: rows }
}
