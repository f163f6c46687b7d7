/**
 * In which precision keys and values lie in a page, and the one way in which kernels write and read them. A kernel that has
 * a binding `bank` of `array<page4>` and puts a format's WGSL before itself works with pages of any format.
 */

/** What a person may choose. */
export const pageKinds = ['f32', 'f16', 'int8'] as const
export type PageKind = (typeof pageKinds)[number]

export interface PageFormat {
  /** Enters the identity of what is saved. */
  readonly name: string
  /** Bytes of an element of a bank: four neighbouring values of a head. */
  readonly bytes: 4 | 8 | 16
  /** Every head of a row has a scale, an f32, for its keys and one for its values; a bank's elements are words then. */
  readonly rowScales: boolean
  /**
   * WGSL that declares, for set `set` of a page,
   *   page4                                                an element of a bank
   *   fn unpackPage(p: page4) -> vec4f                     its values before their scale
   *   fn keyScale(page: u32, head: u32, row: u32) -> f32   what the keys of a head of a row are multiplied with, and
   *   fn valueScale(page: u32, head: u32, row: u32) -> f32 its values; `page` is the element where the set begins
   * and for writing
   *   fn scaleOf(most: f32) -> f32                         of a head whose largest magnitude is `most`; 1 where rows have none
   *   fn packKeys(v: vec4f, scale: f32) -> page4           rounded to the format; 0 for a scale of 0
   *   fn packValues(v: vec4f, scale: f32) -> page4
   *   fn packScale(scale: f32) -> page4                    as it lies in a bank, where rows have scales
   */
  wgsl(set: number): string
}

/** Of formats whose rows have no scale. */
export const withoutScales = `fn scaleOf(most: f32) -> f32 { return 1f; }
fn packScale(scale: f32) -> page4 { return page4(); }`

const floats = (
  name: PageKind,
  bytes: 8 | 16,
  element: string,
  unpack: string,
  pack: string
): PageFormat => ({
  name,
  bytes,
  rowScales: false,
  wgsl: () => `alias page4 = ${element};
fn unpackPage(p: page4) -> vec4f { return ${unpack}; }
fn keyScale(page: u32, head: u32, row: u32) -> f32 { return 1f; }
fn valueScale(page: u32, head: u32, row: u32) -> f32 { return 1f; }
${withoutScales}
fn packKeys(v: vec4f, scale: f32) -> page4 { return ${pack}; }
fn packValues(v: vec4f, scale: f32) -> page4 { return ${pack}; }`
})

/**
 * Codes from -127 to 127 of a 127th of the head's largest magnitude, ties to even. A head below 2^-119 is zeros: a 127th of
 * it would be no normal f32, and divided by it nothing comes out right.
 */
const int8: PageFormat = {
  name: 'int8',
  bytes: 4,
  rowScales: true,
  wgsl: () => `alias page4 = u32;
fn unpackPage(p: page4) -> vec4f { return vec4f(unpack4xI8(p)); }
fn keyScale(page: u32, head: u32, row: u32) -> f32 { return bitcast<f32>(bank[page + KEY_SCALES + head * PAGE_ROWS + row]); }
fn valueScale(page: u32, head: u32, row: u32) -> f32 { return bitcast<f32>(bank[page + VALUE_SCALES + head * PAGE_ROWS + row]); }
fn scaleOf(most: f32) -> f32 { return select(most / 127f, 0f, most < ${2 ** -119}f); }
fn packScale(scale: f32) -> page4 { return bitcast<u32>(scale); }
fn packKeys(v: vec4f, scale: f32) -> page4 {
  if (scale == 0f) { return 0u; }
  return pack4xI8(vec4i(clamp(round(v / scale), vec4f(-127f), vec4f(127f))));
}
fn packValues(v: vec4f, scale: f32) -> page4 { return packKeys(v, scale); }`
}

export const pageFormats: Readonly<Record<PageKind, PageFormat>> = {
  f32: floats('f32', 16, 'vec4f', 'p', 'v'),
  f16: floats(
    'f16',
    8,
    'vec2u',
    'vec4f(unpack2x16float(p.x), unpack2x16float(p.y))',
    'vec2u(pack2x16float(v.xy), pack2x16float(v.zw))'
  ),
  int8
}
