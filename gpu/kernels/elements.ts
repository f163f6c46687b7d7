/** The precisions of K/V pages as WGSL: how four neighbouring values lie in memory, and their way to f32 and back. */

/** Shared K/V: half precision by default, f32 for comparison. */
export type PageKind = 'f16' | 'f32'

const pageElements: Record<PageKind, string> = {
  f16: 'alias page4 = vec2u; fn unpackPage(p: page4) -> vec4f { return vec4f(unpack2x16float(p.x), unpack2x16float(p.y)); } fn packPage(v: vec4f) -> page4 { return vec2u(pack2x16float(v.xy), pack2x16float(v.zw)); }',
  f32: 'alias page4 = vec4f; fn unpackPage(p: page4) -> vec4f { return p; } fn packPage(v: vec4f) -> page4 { return v; }'
}

export const pagePrelude = (kind: PageKind): { ELEMENTS: string } => ({ ELEMENTS: pageElements[kind] })
