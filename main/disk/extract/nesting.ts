/**
 * How deep markup is nested, before a tree is made of it: linkedom and htmlparser2 take quadratic time in depth (5 MB of
 * "<div>" kept a core busy for 145 s). The same tokenizer goes over the source once, and stops as soon as it is too much.
 */
import { Parser } from 'htmlparser2'
import { failureSaying, type HostFailure } from '../../../contract/failure'

/** Made by a person or a program, below 100; made to be slow, 20,000 take half a second. */
const deepest = 20_000
/** Each tag costs time in proportion to its depth; all depths together, some 2 s. A page of 10 MB has some 50 million. */
const mostWork = 2e9

/** Throws NestedTooDeeply. `xml`: every element is closed by its own tag. */
export function checkNesting(source: string, xml: boolean): void {
  let depth = 0
  let work = 0
  const visit = (change: number): void => {
    depth += change
    work += depth
    if (depth > deepest || work > mostWork) throw new NestedTooDeeply()
  }
  const parser = new Parser(
    { onopentagname: () => visit(1), onclosetag: () => visit(-1) },
    { xmlMode: xml, decodeEntities: false }
  )
  // A closing tag without an opening one is looked for in all that is open; the parser tells nobody of it.
  const close = parser.onclosetag.bind(parser)
  parser.onclosetag = (start, end) => {
    visit(0)
    close(start, end)
  }
  for (let at = 0; at < source.length; at += piece) parser.write(source.slice(at, at + piece))
  parser.end()
}

const piece = 1 << 16

export const nestedTooDeeply = (name: string): HostFailure =>
  failureSaying('unreadable-file', 'nestedTooDeeply', { name })

/** The worker makes a sentence of it. */
export class NestedTooDeeply extends Error {}
