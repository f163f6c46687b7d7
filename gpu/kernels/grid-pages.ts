/**
 * Pages of codes on a grid that the model was trained on: 8 bits with one step for all keys of a set and one for all its
 * values, so that a page needs no scales and holds such keys and values exactly.
 */
import { type PageFormat, withoutScales } from './page-format'
import { inverseOf } from './round-columns'

/** Of one set of keys and values; f32. */
export interface GridSteps {
  readonly keys: number
  readonly values: number
}

/** `steps` by set; without them the format has its sizes and its name, and no kernel can be made with it. */
export function gridPages(steps: readonly GridSteps[] = []): PageFormat {
  return {
    name: 'kv8',
    bytes: 4,
    rowScales: false,
    wgsl(set) {
      if (!(set in steps)) throw new Error(`grid-pages: no steps for set ${set}, there are ${steps.length}`)
      const { keys, values } = steps[set]
      return `alias page4 = u32;
fn unpackPage(p: page4) -> vec4f { return vec4f(unpack4xI8(p)); }
fn keyScale(page: u32, head: u32, row: u32) -> f32 { return ${literal(keys)}; }
fn valueScale(page: u32, head: u32, row: u32) -> f32 { return ${literal(values)}; }
fn codesOf(v: vec4f, inverse: f32) -> page4 { return pack4xI8(vec4i(clamp(round(v * inverse), vec4f(-128f), vec4f(127f)))); }
${withoutScales}
fn packKeys(v: vec4f, scale: f32) -> page4 { return codesOf(v, ${literal(inverseOf(keys))}); }
fn packValues(v: vec4f, scale: f32) -> page4 { return codesOf(v, ${literal(inverseOf(values))}); }`
    }
  }
}

/** By its bits: a decimal fraction may be read as its neighbour. */
function literal(value: number): string {
  const [bits] = new Uint32Array(Float32Array.of(value).buffer)
  return `bitcast<f32>(${bits}u)`
}
