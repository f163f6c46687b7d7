/** The two stored precisions as WGSL: how four neighbouring weights or K/V values lie in memory, and their way to f32. */

/** Weights keep the precision of their file: f16 and bf16 pack four values into two words, f32 takes four. */
export type WeightKind = 'f16' | 'bf16' | 'f32'
/** Shared K/V: half precision by default, f32 for comparison. */
export type PageKind = 'f16' | 'f32'

/*
 * f16 is packed in words and unpacked with core WGSL even where `shader-f16` is at hand: on lavapipe both
 * reach 10 to 11 GFLOP/s in linear-tile (512 x 768 x 768) and hardware converts in one instruction, so a
 * second set of kernels would buy nothing.
 */
const unpackHalves = 'vec4f(unpack2x16float(p.x), unpack2x16float(p.y))'

const weightElements: Record<WeightKind, string> = {
  f16: `alias weight4 = vec2u; fn unpackWeight(p: weight4) -> vec4f { return ${unpackHalves}; }`,
  bf16: 'alias weight4 = vec2u; fn unpackWeight(p: weight4) -> vec4f { return bitcast<vec4f>(vec4u(p.x << 16u, p.x & 0xffff0000u, p.y << 16u, p.y & 0xffff0000u)); }',
  f32: 'alias weight4 = vec4f; fn unpackWeight(p: weight4) -> vec4f { return p; }'
}

const pageElements: Record<PageKind, string> = {
  f16: `alias page4 = vec2u; fn unpackPage(p: page4) -> vec4f { return ${unpackHalves}; } fn packPage(v: vec4f) -> page4 { return vec2u(pack2x16float(v.xy), pack2x16float(v.zw)); }`,
  f32: 'alias page4 = vec4f; fn unpackPage(p: page4) -> vec4f { return p; } fn packPage(v: vec4f) -> page4 { return v; }'
}

export const weightPrelude = (kind: WeightKind): { ELEMENTS: string } => ({ ELEMENTS: weightElements[kind] })
export const pagePrelude = (kind: PageKind): { ELEMENTS: string } => ({ ELEMENTS: pageElements[kind] })

export const bytesPerValue = (kind: WeightKind | PageKind): number => (kind === 'f32' ? 4 : 2)

/** Rows (outputs) of a weight matrix that lie side by side in a panel: [panel][input][32 outputs]. */
export const panelRows = 32
