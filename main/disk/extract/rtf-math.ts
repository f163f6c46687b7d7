/** Equations of RTF, whose words are those of Word's equations with an m before them: a tree of the same shape, and its linear text. */
import { mathText } from './math-text'
import { XmlElement, XmlNode, XmlText } from './xml-tree'

/** Deeper equations are nobody's. */
const deepest = 200

/** One group of an equation. */
export class RtfMath {
  private constructor(
    private readonly element: XmlElement,
    private readonly values: Record<string, string>,
    private readonly depth: number,
    private readonly isProperty: boolean
  ) {}

  static begin(): RtfMath {
    const values = {}
    return new RtfMath(new XmlElement('m:oMath', values, new XmlNode(null)), values, 0, false)
  }

  /** A group in it that begins with this word. */
  inner(word: string): RtfMath {
    if (this.depth > deepest) return this
    // Text stands right in a run.
    const name = word === 'mr' ? 't' : word.slice(1)
    const values = {}
    return new RtfMath(new XmlElement(`m:${name}`, values, this.element), values, this.depth + 1, /Pr$/.test(this.element.localName)) // prettier-ignore
  }

  words(words: string): void {
    if (this.isProperty) this.values['m:val'] = (this.values['m:val'] ?? '') + words.trim()
    else new XmlText(words, this.element)
  }

  text(): string {
    return mathText(this.element)
  }
}
