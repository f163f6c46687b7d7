/** A small seeded generator (sfc32), so that a failing random case can be repeated from its seed. */
export class Random {
  private a: number
  private b: number
  private c: number
  private d = 1
  private spare: number | undefined

  constructor(seed: number) {
    this.a = seed | 0
    this.b = 0x9e3779b9 | 0
    this.c = 0x243f6a88 | 0
    // The first outputs still show how alike two seeds are.
    for (let i = 0; i < 15; i++) this.bits()
  }

  /** 32 random bits as an unsigned integer. */
  bits(): number {
    const t = (((this.a + this.b) | 0) + this.d) | 0
    this.d = (this.d + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = ((this.c << 21) | (this.c >>> 11)) + t
    this.c |= 0
    return t >>> 0
  }

  /** In [0, 1). */
  uniform(): number {
    return this.bits() / 2 ** 32
  }

  /** In 0 ... below - 1. */
  integer(below: number): number {
    return Math.floor(this.uniform() * below)
  }

  /** Mean 0, deviation 1 (Box and Muller). */
  normal(): number {
    if (this.spare !== undefined) {
      const value = this.spare
      this.spare = undefined
      return value
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    const angle = 2 * Math.PI * this.uniform()
    this.spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }

  normals(count: number, deviation = 1, mean = 0): Float64Array {
    return Float64Array.from({ length: count }, () => mean + deviation * this.normal())
  }

  tokens(count: number, vocabSize: number): number[] {
    return Array.from({ length: count }, () => this.integer(vocabSize))
  }
}
