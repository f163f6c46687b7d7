/** What the groups of RTF are, by their first word. Source: Rich Text Format (RTF) Specification 1.9.1. */
import { fieldWords } from './field-words'
import { RtfFlow, type RtfNode } from './rtf-flow'
import { OldNumber } from './rtf-lists'
import { RtfMath } from './rtf-math'
import { type Field, plainParagraph, type RtfState } from './rtf-state'

/** Called where the group begins; `state.group` is its own state. */
type Begin = (state: RtfState, word: string) => void

const skip: Begin = ({ group }) => {
  group.skip = true
}
const read: Begin = () => undefined
const table =
  (name: 'fonts' | 'styles' | 'lists'): Begin =>
  ({ group }) => {
    group.table = name
  }

function ownFlow({ group }: RtfState): RtfFlow {
  group.paragraph = plainParagraph
  return (group.flow = new RtfFlow())
}

const part =
  (which: 'headers' | 'footers'): Begin =>
  state => {
    const { group } = state
    if (group.skip) return
    const flow = ownFlow(state)
    group.end = () => state[which].push(flow.end(state.paragraphEnd()))
  }

const footnote: Begin = state => {
  const { group } = state
  if (group.skip || group.hidden) return
  const outer = group.flow
  const flow = ownFlow(state)
  group.end = () => outer.node({ is: 'note', body: flow.end(state.paragraphEnd()) })
}

/** A text box stands where it is anchored, on lines of its own. */
const box: Begin = state => {
  const { group } = state
  if (group.skip) return
  const outer = group.flow
  const flow = ownFlow(state)
  group.end = () => {
    const root = flow.end(state.paragraphEnd()) as RtfNode
    if (root.firstChild) outer.node({ is: 'block', gap: 2 }, root)
  }
}

const counted =
  (kind: 'pictures' | 'comments'): Begin =>
  ({ group, left }) => {
    if (!group.skip) left.count(kind)
    group.skip = true
  }

/** What an embedded object looks like is kept beside it: a picture, or words. */
const object: Begin = ({ group, left }) => {
  const { flow, skip } = group
  const before = flow.size
  const pictures = left.of('pictures')
  const place = flow.place()
  group.end = () => {
    if (!skip && flow.size > before) flow.detach(place)
    if (skip || flow.size > before) return
    left.count('pictures', pictures - left.of('pictures'))
    left.count('objects')
  }
}

/** What a shape holds, for old programs once more; read where the new form holds nothing. */
const shapeAgain: Begin = ({ group, left }) => {
  group.skip ||= group.flow.size + left.of('pictures') > group.shapeStart
}

const field: Begin = ({ group }) => {
  const own: Field = { instruction: { text: '' }, type: -1, result: 25, standard: 0, choices: [] }
  group.field = own
  const { flow, skip, capture } = group
  const before = flow.size
  group.end = () => {
    if (skip || capture || flow.size > before) return
    const words = formWords(own) ?? fieldWords(own.instruction.text)
    if (words !== '') flow.words(words, false)
  }
}

/** 25: as it was at first. */
function formWords({ type, result, standard, choices }: Field): string | undefined {
  const state = result === 25 ? standard : result
  if (type === 1) return state === 1 ? '[x]' : '[ ]'
  return type === 2 ? (choices[state]?.text ?? '') : undefined
}

const captured =
  (done: (state: RtfState, text: string, word: string) => void): Begin =>
  (state, word) => {
    const { group } = state
    const own = (group.capture = { text: '' })
    group.end = () => {
      if (!group.skip) done(state, own.text, word)
    }
  }

const listText: Begin = state => {
  const { group } = state
  if (group.skip || group.capture) return
  state.label = group.capture = { text: '' }
}

const equation: Begin = ({ group }) => {
  if (group.skip) return
  const { flow } = group
  const own = (group.math = RtfMath.begin())
  group.end = () => flow.words(own.text(), false)
}

/** \upr holds the text in the document's code page and again in Unicode, and the outer \ud is read. */
const unicodeForm: Begin = state => {
  state.group.skip = state.groups.at(-2)?.skip ?? false
}

/** The rows of a table in a cell: the cell is one line. */
const innerRow: Begin = ({ group }) => {
  const { flow, skip } = group
  if (!skip) flow.words(' ', false)
  group.skip = true
}

export const destinations: Record<string, Begin | undefined> = {
  fonttbl: table('fonts'),
  stylesheet: table('styles'),
  listtable: table('lists'),
  listoverridetable: table('lists'),
  leveltext: captured(({ lists }, text) => lists.levelText(text)),
  listtext: listText,
  pntext: listText,
  pn: state => {
    if (!state.group.skip) state.oldNumber = new OldNumber()
  },
  pntxtb: captured(({ oldNumber }, text) => oldNumber && (oldNumber.before = text)),
  pntxta: captured(({ oldNumber }, text) => oldNumber && (oldNumber.after = text)),
  upr: ({ group }) => {
    group.isTwofold = true
  },
  ud: unicodeForm,
  footnote,
  header: part('headers'),
  headerl: part('headers'),
  headerr: part('headers'),
  headerf: part('headers'),
  footer: part('footers'),
  footerl: part('footers'),
  footerr: part('footers'),
  footerf: part('footers'),
  annotation: counted('comments'),
  pict: counted('pictures'),
  shppict: read,
  object,
  result: read,
  objclass: skip,
  shp: ({ group, left }) => {
    group.shapeStart = group.flow.size + left.of('pictures')
  },
  shpgrp: read,
  shpinst: read,
  shptxt: box,
  shprslt: shapeAgain,
  do: read,
  dptxbxtext: box,
  sp: read,
  sn: captured((state, text) => (state.shapeProperty = text.trim())),
  sv: state => {
    // A picture's bytes, or what WordArt says.
    const { flow } = state.group
    captured((_, text) => {
      if (state.shapeProperty === 'gtextUNICODE' && text.trim() !== '')
        flow.node({ is: 'aside', body: text.trim() })
    })(state, 'sv')
  },
  field,
  fldinst: ({ group }) => {
    if (group.field) group.capture = group.field.instruction
  },
  fldrslt: read,
  formfield: read,
  ffl: state => {
    const { group } = state
    group.capture = { text: '' }
    group.field?.choices.push(group.capture)
  },
  mmath: read,
  moMathPara: read,
  moMath: equation,
  nesttableprops: innerRow
}
Object.setPrototypeOf(destinations, null)

// Groups that hold no text of the document, though not all of them say so by \*.
for (const word of (
  'colortbl info objdata ftnsep ftnsepc ftncn aftnsep aftnsepc aftncn themedata colorschememapping datastore latentstyles revtbl ' +
  'rsidtbl generator xmlnstbl bkmkstart bkmkend nonshppict atnid atnauthor atntime atndate atnref atnparent atrfstart atrfend atnicn xe ' +
  'tc tcn rxe filetbl comment private template listname liststylename levelnumbers listpicture mmathPict mmathPr nonesttables falt ' +
  'panose fontemb fname ffname ffdeftext ffhelptext ffstattext ffentrymcr ffexitmcr fldtype pgptbl pgp userprops background ' +
  'keycode htmltag mhtmltag pntxtc passwordhash protusertbl docvar factoidname defchp defpap picprop blipuid oldcprops oldpprops oldsprops ' +
  'oldtprops writereservation writereservhash hl hlfr hlloc hlsrc company operator author title subject doccomm'
).split(' '))
  destinations[word] ??= skip
