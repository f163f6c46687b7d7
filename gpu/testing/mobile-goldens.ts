/**
 * The tiny models in the format of Google's mobile checkpoints, ../shared/data/gemma-goldens beside the checkout, with what a
 * float64 reference made of them (README.md there). READONCE_SHARED: where it lies instead.
 */
import type { ModelFiles } from '../text/byte-source'
import { type JsonObject, parseJsonObject } from '../text/json'
import { readSafetensorsHeader, type SafetensorsFile } from '../text/safetensors'
import { byteSource, memoryFiles } from './memory-files'
import { sharedFolder } from './shared-data'

export const mobileGoldens = ['gemma4-mobile-e2b', 'gemma4-mobile-e4b'] as const
export type MobileGolden = (typeof mobileGoldens)[number]

/** Why these tests are not run; undefined where the data is there. */
export const missingGoldens =
  sharedFolder('gemma-goldens', mobileGoldens[0]) === undefined ? 'no goldens beside the checkout' : undefined

/** Logits after the softcap at some positions of a row of tokens. */
export interface GoldenRun {
  readonly tokens: readonly number[]
  readonly positions: readonly number[]
  readonly logits: readonly (readonly number[])[]
}

/** Keys and values of the owners at some rows: as values, or as codes on the grid. */
export interface GoldenState {
  readonly rows: readonly number[]
  readonly layers: Readonly<
    Record<
      string,
      {
        /** Steps, where there are codes. */
        readonly k?: number
        readonly v?: number
        readonly keys?: readonly (readonly number[])[]
        readonly values?: readonly (readonly number[])[]
        readonly key_codes?: readonly (readonly number[])[]
        readonly value_codes?: readonly (readonly number[])[]
      }
    >
  >
}

/** Of single products at some rows: what goes in and comes out, as codes where there is a step. */
export interface GoldenTrace {
  readonly rows: readonly number[]
  readonly modules: Readonly<
    Record<
      string,
      {
        readonly x: readonly (readonly number[])[]
        readonly x_is_codes: boolean
        readonly y: readonly (readonly number[])[]
        readonly y_is_codes: boolean
      }
    >
  >
}

function fileOf(folder: readonly string[], file: string): Uint8Array {
  const bytes = sharedFolder('gemma-goldens', ...folder)?.get(file)
  if (!bytes) throw new Error(`no golden ${[...folder, file].join('/')}`)
  return bytes
}
const textOf = (...[folder, file]: Parameters<typeof fileOf>): string =>
  new TextDecoder().decode(fileOf(folder, file))
const json = <T>(folder: readonly string[], file: string): T => JSON.parse(textOf(folder, file)) as T

export const goldenConfig = (name: MobileGolden): JsonObject =>
  parseJsonObject(textOf([name], 'config.json'), 'config.json')

export const goldenWeights = (name: MobileGolden): Promise<SafetensorsFile> =>
  readSafetensorsHeader(byteSource(fileOf([name], 'model.safetensors')), 'model.safetensors')

/** `grid`: keys and values on the grid of the file. */
export function goldenRun(name: MobileGolden, grid?: 'kv8'): GoldenRun {
  const at = grid ? [name, grid] : [name]
  return {
    tokens: json<number[]>(at, 'tokens.json'),
    ...json<Omit<GoldenRun, 'tokens'>>(at, 'expected.json')
  }
}

export const goldenState = (name: MobileGolden, grid?: 'kv8'): GoldenState =>
  json(grid ? [name, grid] : [name], 'state.json')

export const goldenTrace = (name: MobileGolden): GoldenTrace => json([name], 'trace.json')

/** The model folder itself. */
export const goldenFiles = (name: MobileGolden): ModelFiles =>
  memoryFiles(name, new Map(['config.json', 'model.safetensors'].map(file => [file, fileOf([name], file)])))
