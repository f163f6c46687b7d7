/** Until gpu/ has them. */
import type { PageStore } from '../../gpu/index'

declare module '../../gpu/engine' {
  interface Engine {
    fitsMemory(tokens: number): { fits: boolean; most: number; bytes: number }
  }
  interface ReadOptions {
    readonly seed?: { readonly store: PageStore; readonly digest: string }
  }
}
