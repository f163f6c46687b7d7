/** The identity of a saved reading: all that its rows depend on. Rows of another identity are never used. */
import { pageRows } from '../kernels/page-layout'
import type { PageIdentity } from './page-store'

/** Changes whenever pages or carries of an older engine must not be used by a newer one. */
const layoutVersion = 1

export interface IdentityParts {
  /** Digests of the model's files. */
  readonly digests: { readonly weights: string; readonly config: string; readonly tokenizer: string }
  /** Token ids of the prompt before the text. */
  readonly prefix: readonly number[]
  /** Digest of the text. */
  readonly text: string
  /** Precision of keys and values. */
  readonly pages: string
}

export function identityOf({ digests, prefix, text, pages }: IdentityParts): PageIdentity {
  const { weights, config, tokenizer } = digests
  return {
    engine: layoutVersion,
    weights,
    config,
    tokenizer,
    prefix: prefix.join(' '),
    text,
    pages,
    pageRows
  }
}
