/**
 * Token ids → text while an answer is being written. A character whose bytes are spread over several tokens is
 * held back until it is whole, so that the text only ever grows by finished characters.
 */

export interface TokenStream {
  /** The characters finished by this token; often "". */
  push(id: number): string
  /** What is left; bytes that never became a character come out as U+FFFD. */
  flush(): string
}

/**
 * For byte-level BPE. `bytesOf` gives a token's bytes, `undefined` for a token that is shown as the text `textOf`
 * (added tokens) or not at all ("").
 */
export function byteStream(
  bytesOf: (id: number) => Uint8Array | undefined,
  textOf: (id: number) => string
): TokenStream {
  let decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const flush = () => {
    const rest = decoder.decode()
    decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    return rest
  }
  return {
    push(id) {
      const bytes = bytesOf(id)
      if (bytes !== undefined) return decoder.decode(bytes, { stream: true })
      const text = textOf(id)
      return text === '' ? '' : flush() + text
    },
    flush
  }
}

/** Tokens between which a model thinks before it answers. */
export interface ThoughtMarks {
  readonly begin: number
  readonly end: number
}

/** Without what stands between the marks: a thought is no part of the answer, and one that does not end hides the rest. */
export function withoutThoughts(stream: TokenStream, marks: ThoughtMarks | undefined): TokenStream {
  if (!marks) return stream
  let thinking = false
  return {
    push(id) {
      if (id === marks.begin || id === marks.end) {
        const shown = thinking ? '' : stream.flush()
        thinking = id === marks.begin
        return shown
      }
      return thinking ? '' : stream.push(id)
    },
    flush: () => (thinking ? '' : stream.flush())
  }
}

/**
 * For every other tokenizer: decodes a window of the last tokens twice, with and without the new ones, and gives
 * out the difference. The window begins at the last place where the text was whole, because a decoder's result
 * for a token may depend on the tokens before it (leading spaces, byte fallback).
 */
export function windowStream(
  decode: (ids: readonly number[]) => string,
  isHidden: (id: number) => boolean
): TokenStream {
  let window: number[] = []
  let shownCount = 0
  const grown = () => {
    const before = shownCount === 0 ? '' : decode(window.slice(0, shownCount))
    const now = window.length === 0 ? '' : decode(window)
    return now.slice(before.length)
  }
  return {
    push(id) {
      if (isHidden(id)) return ''
      window.push(id)
      const text = grown()
      // 64 tokens that never become a character are noise, not an unfinished character.
      if (text === '' || (text.endsWith('\uFFFD') && window.length - shownCount < 64)) return ''
      window = window.slice(shownCount)
      shownCount = window.length
      return text
    },
    flush() {
      const text = window.length === shownCount ? '' : grown()
      window = []
      shownCount = 0
      return text
    }
  }
}
