/**
 * What happens to heads between a product and attention, in one dispatch: their norms, their rotation, and where keys and
 * values are kept, a window's ring or pages.
 */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectRoom, type Tensor, up4 } from '../device/tensor'
import type { GridSteps } from './grid-pages'
import headWgsl from './head.wgsl?raw'
import { pageConstants, type PageLayout } from './page-layout'
import pageWgsl from './page-write.wgsl?raw'
import ringWgsl from './ring-write.wgsl?raw'
import { type Rope, turnedPairs } from './rope'
import { inverseOf } from './round-columns'
import turnWgsl from './turn-heads.wgsl?raw'
import { type Ring, ringRows } from './window-attention'

export interface HeadShape {
  readonly headDim: number
  /** How queries and keys turn; absent: not at all. */
  readonly rope?: Pick<Rope, 'pairs' | 'turned'>
  /** Heads are normed, with this epsilon; absent: they are not. */
  readonly normEps?: number
}

/** Heads of q | k | v of a row. */
export interface KeptShape extends HeadShape {
  /** Query heads in front of keys and values, normed and turned with them; 0 where there are none. */
  readonly heads: number
  readonly kvHeads: number
}

/** The rotations of the rows at hand: [.., turned pairs] of (cos, sin), used from row `row` on. */
export interface Rotations {
  readonly table: GPUBuffer
  readonly row: number
}

/** Heads of rows of x, and what they are normed and turned with; neither is looked at where a shape says that it is not. */
export interface HeadRows {
  readonly x: Tensor
  readonly rows: number
  /** f32 values before them in a row; 0 where absent. */
  readonly first?: number
  /** [head dim padded to 4], f32: of queries, then of keys, whichever there are. Values have none. */
  readonly weight?: GPUBuffer
  readonly rotations?: Rotations
}

/** In place on `heads` heads of each row. */
type TurnHeads = (batch: Batch, of: HeadRows, heads: number) => void

export async function turnHeads(device: Device, shape: HeadShape): Promise<TurnHeads> {
  const { constants, paramsOf, bindingsOf } = common(device, 'turn-heads', shape)
  const kernel = await device.compile({ name: 'turn-heads', wgsl: turnWgsl }, constants)
  return (batch, of, heads) => batch.run(kernel, bindingsOf(of), paramsOf(of, heads), [heads, of.rows])
}

export interface RingPlace {
  readonly ring: Ring
  /** Position of the first row in the ring's text. */
  readonly start: number
}

/** Queries in place, keys and values into a ring. */
export type WriteRing = (batch: Batch, of: HeadRows, place: RingPlace) => void

/** `grid`: the steps that keys and values are rounded to; 0 rounds nothing. */
export async function writeRing(device: Device, shape: KeptShape, grid?: GridSteps): Promise<WriteRing> {
  const { heads, kvHeads, headDim } = shape
  const { constants, paramsOf, bindingsOf } = common(device, 'ring-write', shape)
  const sizes = { ...constants, ...keptConstants(shape), KV_HEADS: kvHeads }
  const kernel = await device.compile({ name: 'ring-write', wgsl: ringWgsl }, sizes)
  const { keys: key_step, values: value_step } = grid ?? { keys: 0, values: 0 }
  const steps = {
    key_step,
    key_inverse: inverseOf(key_step),
    value_step,
    value_inverse: inverseOf(value_step)
  }
  const all = heads + 2 * kvHeads
  return (batch, of, { ring, start }) => {
    const ring_rows = ringRows(ring, of.rows, kvHeads * up4(headDim))
    const bindings = [...bindingsOf(of), ring.keys.buffer, ring.values.buffer]
    batch.run(kernel, bindings, { ...paramsOf(of, all), start, ring_rows, ...steps }, [all, of.rows])
  }
}

export interface PagePlace {
  readonly bank: GPUBuffer
  readonly row: number
}

/** Queries in place, keys and values into the pages of a bank from a row on. */
export type WritePages = (batch: Batch, of: HeadRows, place: PagePlace) => void

/** `set`: of a page's sets of keys and values, whose heads these are. */
export async function writePages(
  device: Device,
  layout: PageLayout,
  { set = 0, heads, ...head }: Omit<KeptShape, 'kvHeads' | 'headDim'> & { readonly set?: number }
): Promise<WritePages> {
  const { kvHeads, headDim } = layout.sets[set]
  const shape = { ...head, heads, kvHeads, headDim }
  const { constants, paramsOf, bindingsOf } = common(device, 'page-write', shape)
  const sizes = { ...constants, ...keptConstants(shape), ...pageConstants(layout, set) }
  const kernel = await device.compile({ name: 'page-write', wgsl: pageWgsl }, sizes)
  const all = heads + 2 * kvHeads
  return (batch, of, { bank, row }) =>
    batch.run(kernel, [...bindingsOf(of), bank], { ...paramsOf(of, all), bank_row: row }, [all, of.rows])
}

const keptConstants = ({ heads, headDim }: KeptShape) => ({
  HEADS: heads,
  /** Of keys, in groups of four: behind those of the queries. */
  KEY_WEIGHT: heads > 0 ? up4(headDim) / 4 : 0
})

/** What all of them share: constants, parameters and bindings of head.wgsl. */
function common(device: Device, who: string, { headDim, rope, normEps }: HeadShape) {
  const head4 = up4(headDim) / 4
  const pairs = rope ? turnedPairs(rope, headDim) : 0
  const interleaved = rope?.pairs === 'interleaved'
  const flags = `const NORM = ${normEps !== undefined}; const INTERLEAVED = ${interleaved};`
  const constants = {
    FLAGS: flags,
    HEAD_DIM: headDim,
    HEAD4: head4,
    PAIRS: pairs,
    GAP: interleaved ? 1 : Math.floor(headDim / 2),
    LANES: device.adapter.software ? 8 : 32,
    HEAD: headWgsl
  }
  const check = ({ x, rows, first = 0, weight, rotations }: HeadRows, heads: number): void => {
    expectRoom(who, 'x', x, rows, first + heads * head4 * 4)
    if (normEps !== undefined && !weight) throw new Error(`${who}: no weights for heads that are normed`)
    if (rope && !rotations) throw new Error(`${who}: no rotations for heads that turn`)
  }
  return {
    constants,
    paramsOf(of: HeadRows, heads: number) {
      check(of, heads)
      const { x, first = 0, rotations } = of
      return {
        first: first / 4,
        stride: x.shape[1] / 4,
        table_first: (rotations?.row ?? 0) * pairs,
        head4,
        eps: normEps ?? 0
      }
    },
    bindingsOf({ x, weight, rotations }: HeadRows): GPUBuffer[] {
      // What is not read must be bound all the same.
      const any = weight ?? rotations?.table
      if (!any) throw new Error(`${who}: neither weights nor rotations`)
      return [weight ?? any, rotations?.table ?? any, x.buffer]
    }
  }
}
