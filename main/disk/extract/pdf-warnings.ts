/** What pdf.js tells only on the console, of its thread, which is ours: things that decide what a person is told. */
const told = {
  picture: 'Image exceeded maximum allowed size',
  /** pdf.js comes without its tables of East Asian character sets; without them such a font's letters are lost. */
  font: 'translateFont failed'
} as const

export class PdfWarnings {
  private readonly heard = new Set<keyof typeof told>()
  private readonly before = { log: console.log, warn: console.warn }

  constructor() {
    console.log = console.warn = (...words: unknown[]) => {
      const line = words.join(' ')
      for (const [name, part] of Object.entries(told))
        if (line.includes(part)) this.heard.add(name as keyof typeof told)
    }
  }

  /** Whether it was told since the last `take`. */
  take(name: keyof typeof told): boolean {
    return this.heard.delete(name)
  }

  end(): void {
    Object.assign(console, this.before)
  }
}
