/** Equations (Word's OMML and MathML) → one line as a person would type it: a fraction is "(a+b)/7", a power "c^2". */
import { isElement, tagOf, type TreeElement, type TreeNode } from './tree-text'

/** Deeper equations are nobody's. */
const deepest = 200

/** Prefixes do not count: "m:f", "math:mfrac" and "mfrac" are known by their last part. */
export const mathText = (element: TreeElement): string =>
  linear(element, 0)
    // The signs that only say how it is meant: applied to, times, comma, plus.
    .replace(/\u2061/g, ' ')
    .replace(/[\u2062-\u2064]/g, '')
    .replace(/\s+/g, ' ')
    .trim()

function children(node: TreeNode): TreeElement[] {
  const found: TreeElement[] = []
  for (let child = node.firstChild; child; child = child.nextSibling) if (isElement(child)) found.push(child)
  return found
}

const textOf = (node: TreeNode): string => {
  let text = ''
  for (let child = node.firstChild; child; child = child.nextSibling)
    if (isElement(child)) text += textOf(child)
    else if ((child.nodeType === 3 || child.nodeType === 4) && 'data' in child) text += String(child.data)
  return text
}

/** In brackets where it is more than one sign or number. */
const grouped = (text: string) => (/^[^\s()+\-−*/=^_]*$/.test(text) && text !== '' ? text : `(${text})`)
const raised = (base: string, power: string) => (power === '' ? base : `${base}^${grouped(power)}`)
const lowered = (base: string, index: string) => (index === '' ? base : `${base}_${grouped(index)}`)

function linear(element: TreeElement, depth: number): string {
  if (depth > deepest) return textOf(element)
  const all = children(element)
  const inside = () => all.map(child => linear(child, depth + 1)).join('')
  const of = (name: string) => {
    const found = all.find(child => tagOf(child) === name)
    return found ? linear(found, depth + 1).trim() : ''
  }
  const nth = (n: number) => (all[n] ? linear(all[n], depth + 1).trim() : '')
  const value = (name: string) => {
    for (const property of all.filter(child => /pr$/.test(tagOf(child))))
      for (const child of children(property))
        if (tagOf(child) === name) return child.getAttribute('m:val') ?? child.getAttribute('val') ?? ''
    return undefined
  }
  switch (tagOf(element)) {
    // Word
    case 'f':
      return `${grouped(of('num'))}/${grouped(of('den'))}`
    case 'ssup':
      return raised(of('e'), of('sup'))
    case 'ssub':
      return lowered(of('e'), of('sub'))
    case 'ssubsup':
    case 'spre':
      return raised(lowered(of('e'), of('sub')), of('sup'))
    case 'rad':
      return of('deg') === '' ? `√${grouped(of('e'))}` : `root(${of('deg')}, ${of('e')})`
    case 'nary':
      return `${raised(lowered(value('chr') ?? '∫', of('sub')), of('sup'))} ${of('e')}`
    case 'd':
      return (value('begchr') ?? '(') + all.filter(child => tagOf(child) === 'e').map(child => linear(child, depth + 1)).join(value('sepchr') ?? ', ') + (value('endchr') ?? ')') // prettier-ignore
    case 'limlow':
      return lowered(of('e'), of('lim'))
    case 'limupp':
      return raised(of('e'), of('lim'))
    case 'func':
      return `${of('fname')} ${grouped(of('e'))}`
    case 'm':
      return `[${all.filter(child => tagOf(child) === 'mr').map(row => children(row).map(cell => linear(cell, depth + 1)).join(', ')).join('; ')}]` // prettier-ignore
    case 'eqarr':
      return all.filter(child => tagOf(child) === 'e').map(child => linear(child, depth + 1)).join('; ') // prettier-ignore
    case 't':
      return textOf(element)
    // MathML
    case 'mfrac':
      return `${grouped(nth(0))}/${grouped(nth(1))}`
    case 'msup':
    case 'mover':
      return raised(nth(0), nth(1))
    case 'msub':
    case 'munder':
      return lowered(nth(0), nth(1))
    case 'msubsup':
    case 'munderover':
      return raised(lowered(nth(0), nth(1)), nth(2))
    case 'msqrt':
      return `√${grouped(inside().trim())}`
    case 'mroot':
      return `root(${nth(1)}, ${nth(0)})`
    case 'mfenced':
      return `${element.getAttribute('open') ?? '('}${all.map(child => linear(child, depth + 1)).join(element.getAttribute('separators')?.trim()[0] ?? ', ')}${element.getAttribute('close') ?? ')'}`
    case 'mtable':
      return `[${all.map(child => linear(child, depth + 1)).join('; ')}]`
    case 'mtr':
      return all.map(child => linear(child, depth + 1)).join(', ')
    case 'mo': {
      const sign = textOf(element).trim()
      return /^([=<>≤≥≠≈→]|\p{L}{2,})$/u.test(sign) ? ` ${sign} ` : sign
    }
    case 'mi': {
      // A name is a word beside other names: "det A".
      const name = textOf(element).trim()
      return /^\p{L}{2,}$/u.test(name) ? ` ${name} ` : name
    }
    case 'mn':
    case 'ms':
      return textOf(element).trim()
    case 'mtext':
      return textOf(element)
    case 'semantics':
      return nth(0)
    // The same again in another notation, and what is only about looks.
    case 'annotation':
    case 'annotation-xml':
    case 'mphantom':
      return ''
    default:
      return /pr$/.test(tagOf(element)) ? '' : inside()
  }
}
