/** Blocks → one text, with the places where its headings and printed pages begin. */
import type { Outline } from '../../../contract/document'
import { failureSaying } from '../../../contract/failure'
import { type Setting } from './document'

// Invisible in every format: controls besides tab and line feed, the soft hyphen, the byte order mark.
const invisible = /(?![\t\n])\p{Cc}|[\u00ad\ufeff]/gu
const loneSurrogates = /\p{Surrogate}/gu

export class TextBuilder {
  length = 0
  readonly headings: { title: string; level: number; start: number }[] = []
  private readonly parts: string[] = []
  private readonly sheets: number[] = []
  /** A block that begins here waits for the text that follows. */
  private gap = 0

  constructor(private readonly setting: Pick<Setting, 'name' | 'limits'>) {}

  /** The next block stands at least `lines` line ends after the last one. */
  separate(lines: number): void {
    this.gap = Math.max(this.gap, lines)
  }

  /** Returns where the block begins. Without `separate` before it, it follows on a line of its own. */
  add(block: string): number {
    const text = block.replace(invisible, '').replace(loneSurrogates, '\ufffd')
    const between = this.length === 0 ? '' : '\n'.repeat(Math.max(1, this.gap))
    this.gap = 0
    const start = this.length + between.length
    this.length = start + text.length
    if (this.length > this.setting.limits.characters) throw tooMuchText(this.setting)
    this.parts.push(between, text)
    return start
  }

  heading(text: string, level: number): void {
    this.separate(2)
    const start = this.add(text)
    this.separate(2)
    this.mark(text, level, start)
  }

  /** A heading in the outline alone. */
  mark(title: string, level: number, start: number): void {
    const words = title.replace(/\s+/g, ' ').trim()
    if (words !== '') this.headings.push({ title: words.slice(0, 200), level, start })
  }

  /** Page `index`, from 0, begins at this place. */
  beginSheet(index: number, start: number): void {
    this.sheets[index] = start
  }

  text(): string {
    return this.parts.join('')
  }

  outline(): Outline {
    return { headings: this.headings, sheets: this.sheets }
  }
}

export const tooMuchText = ({ name, limits }: Pick<Setting, 'name' | 'limits'>) =>
  failureSaying('too-long', 'tooMuchText', { name, most: limits.characters })
