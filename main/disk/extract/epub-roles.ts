/** What an element of a book's page means for the text, where it differs from a web page, and what is left out of it. */
import type { Note } from '../../../contract/document'
import { noteSaying } from './document'
import { Drawings, isWord } from './drawings'
import { htmlRole, isHidden } from './html-roles'
import { LeftOut } from './left-out'
import { elementsOf, isElement, type Role, tagOf, type TreeElement, type TreeNode } from './tree-text'

/** What stands in them is shown where the medium or the script cannot be: here they never can. */
const media = new Set(['object', 'audio', 'video', 'canvas', 'iframe', 'noscript'])

export class EpubRoles {
  private readonly left = new LeftOut()
  private readonly lists = new Set<string>()
  /** An element is asked for its role more than once. */
  private readonly counted = new Set<TreeElement>()
  private readonly drawings = new Drawings()
  private path = ''
  private isNavigation = false

  begin(path: string, isNavigation: boolean): void {
    this.path = path
    this.isNavigation = isNavigation
  }

  of(element: TreeElement): Role {
    const name = tagOf(element)
    if (isHidden(element, name)) {
      if (name !== 'nav' && hasWords(element) && !this.counted.has(element)) this.left.count('hidden-text')
      this.counted.add(element)
    } else if (name === 'nav' && this.isNavigation && !isTitled(element)) {
      // A list for the reading program only; one that the page shows has a title.
      if (hasWords(element)) this.lists.add(this.path)
      return { is: 'skip' }
    } else if (media.has(name)) return hasWords(element) ? { is: 'block', gap: 1 } : { is: 'skip' }
    else if (name === 'svg') {
      const title = this.drawings.titleOf(element)
      if (title !== undefined) return { is: 'text', text: title }
    }
    // Lists of contents are shown without numbers, says EPUB.
    else if (name === 'li' && this.isNavigation && isInside(element, 'nav')) return { is: 'item', marker: '' }
    return htmlRole(element)
  }

  /** Of the page that holds the lists of contents. */
  hasWordsBesideLists(page: TreeNode): boolean {
    return hasWords(page, /^(head|script|style|nav)$/)
  }

  notes(): Note[] {
    const notes = this.left.notes()
    if (this.lists.size > 0)
      notes.push(noteSaying('contents-page', 'contentsPage', {}, [...this.lists].join(', ')))
    return notes
  }
}

function isInside(element: TreeElement, name: string): boolean {
  for (let node = element.parentNode; node; node = node.parentNode)
    if (isElement(node) && tagOf(node) === name) return true
  return false
}

const isTitled = (element: TreeElement) =>
  elementsOf(element).some(each => /^h[1-6]$/.test(tagOf(each)) && hasWords(each))

/** Outside of scripts and styles. */
function hasWords(root: TreeNode, without = /^(script|style)$/): boolean {
  const open: TreeNode[] = [root]
  for (let node; (node = open.pop());) {
    if (isElement(node) && without.test(tagOf(node))) continue
    if (isWord(node)) return true
    for (let child = node.firstChild; child; child = child.nextSibling) open.push(child)
  }
  return false
}
