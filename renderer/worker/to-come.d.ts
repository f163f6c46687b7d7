/** Until gpu/ has them. */
import type { PageStore } from '../../gpu/kv/page-store'
import type { Session } from '../../gpu/engine'
import type { ModelFiles } from '../../gpu/text/byte-source'

declare module '../../gpu/engine' {
  interface Session {
    readonly total: number
  }
  interface Engine {
    probe(): Promise<{ tokensPerSecond: number }>
    countTokens(text: string): Promise<{ tokens: number; exact: boolean }>
    fitsMemory(tokens: number): { fits: boolean; most: number; bytes: number }
  }
}
declare module '../../gpu/session' {
  interface TimelineOptions {
    readonly most?: number
    readonly onLive?: (session: Session) => void
    readonly onTokenizing?: (done: number) => void
    readonly seed?: { readonly store: PageStore; readonly digest: string }
  }
}
declare module '../../gpu/index' {
  export interface ModelSummary {
    readonly name: string
  }
  export function inspectModel(files: ModelFiles): Promise<ModelSummary>
}
