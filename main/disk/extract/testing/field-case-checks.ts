/** What a case must give where its expected.txt says it in words; a choice that was left open there is made here. */
import {
  all,
  type Check,
  type Outcome,
  either,
  exactly,
  has,
  lacks,
  outline,
  refused,
  same,
  told
} from './field-cases'

const each = (from: number, to: number, name: (n: number) => string) =>
  Array.from({ length: to - from + 1 }, (_, i) => name(from + i))
const columns = (names: string, last: number) =>
  has(...[...names].flatMap(c => each(0, last, n => `${c}${n}`)))
const quay = 'The lamps were still burning on the quay'
const mathOfPage = has('Area π', 'r^2', '1/2', 'H2O', '10^−6', 'x^(n+1)', '10^6', '5th')

export const checks: Readonly<Record<string, Check>> = {
  // Word
  'd06-math': has('The result is E=mc^2 for all m.', '(a+b)/7'),
  'd14-comments': all(same('Term is 30 days'), told(/comment/)),
  'd16-nested-table': has('outer1', 'in1 | in2', 'in3 | in4', 'tail', 'outer3 | outer4'),
  'd18-altchunk': either(same('Before\nTHE WHOLE REPORT is here\nAfter'), told(/chunk|embedded/)),
  'd21-headings': outline('Kapitel(1), Clause(1), Direct(2)'),
  'd22-smartart': either(same('Before\nSTEP ONE\nAfter'), told(/SmartArt/)),
  'd25-backslash': either(same('Back words'), refused(/Word document/)),

  // EPUB
  'e04-guide-toc': has('Contents', 'Foreword words that stand only here.', 'real text of the book', 'Body'),
  'e07-literal-percent': asExpectedWithout('(or a note for what is missing)'),
  'e09-no-spine': same('One\nTwo'),
  'e18-crc': all(same('One\nThree'), told(/damaged/)),
  'e19-switch': has('Eq x^2 and 東(とう) and 1/2.'),
  'e20-drm': refused(/DRM/),
  'e24-zip-prefix': same('Words'),

  // Folders
  'f02-bom-ignore': same('k.txt'),
  'f03-head-cut': ({ names }) => (names?.length === 29 ? undefined : `${names?.length} files of 29`),

  // Web pages
  'h11-readability-list': either(
    has(...each(0, 11, n => `Step ${n} in a link`), 'alpha | 1', 'WARNING', 'Footnote 1'),
    told(/left out/)
  ),
  'h14-lt-text': has('if a < b and c > d then 3<4 && x', '1 <2> 3', '5', '6'),
  'h16-math-svg': all(
    mathOfPage,
    ({ document }) => (document?.text.split('1/2').length === 2 ? undefined : '1/2 is not said once'),
    either(has('CHART LABEL'), told(/drawing/))
  ),
  'h17-br-rows': all(
    has('a b | c', 'x', 'y', 'z', 'one', 'two', 'three', 'inline', 'Go'),
    has('typed words'),
    has('typed text'),
    has('chosen'),
    lacks('inlineGo')
  ),
  'h18-mhtml': either(has('Café au lait is the best.'), refused(/MHTML|web archive/)),
  'h20-ol': has('3. c', '2. b', '1. a', 'c. see', '7. seven', '8. eight', '1. x', 'para', '2. y'),
  'h22-rtl-controls': has('softhyphen', "'q'", '– €', '😀'),
  'h23-joined-pages': has('Chapter one', 'FIRST END.', 'Chapter two', 'SECOND END.', 'THIRD.'),
  'h24-body-hidden': has('Guide', quay),
  'h26-forum': either(has('Which boat?', quay, ...each(0, 11, n => `Comment ${n}:`)), told(/left out/)),
  'h27-sections': has(...each(0, 5, n => `Chapter ${n}`), 'Appendix', 'A.1 Tables'),
  'h28-intro-lost': either(has('Title', 'INTRO', quay, 'IMPORTANT'), told(/left out/)),

  // JSON
  'j01-escaped': has('老房子坐落在河边', 'café naïve'),
  'j02-ipynb': all(has('# Title', 'Some *words*', 'x = 1'), lacks('iVBORw0KGgo')),

  // OpenDocument
  'o02-frame': has('Body', 'IN A FRAME', 'second', 'tail', 'IN A SHAPE', 'GROUPED'),
  'o03-formula': has('The result is E = m c^2 for all.'),
  'o04-fields': has('Page 3 of 9, ACME, 2024-01-01, sec 4, <name>, yes, , 東(とう), mf, chosen'),
  'o11-flat': same('The flat words'),

  // PDF
  'p02-form': has('Name: Ann Smith', 'Agree: Yes', 'Typed on the page'),
  'p10-ligatures': has('fieffie'),
  'p16-portfolio': told(/attached|attachment/),
  'p19-hyphen-pages': has(
    'the budget of the coming year, which had been prepared by the treasurer and two members.'
  ),
  'p20-columns-interleaved': columns('LR', 19),
  'p21-three-columns': columns('ABC', 19),
  'p22-columns-short': either(
    columns('LR', 11),
    has(...each(0, 11, n => `L${n}`).flatMap((l, n) => [l, `R${n}`]))
  ),
  'p23-narrow-gutter': columns('LR', 11),
  'p27-gid-names': told(/could not be told|letters/),
  'p28-arabic': has('مرحبا'),
  'p29-no-xref': has('Page one words', 'Page two words'),
  'p31-enc-user': refused(/without/),
  'p32-offpage': has('On the page'),
  'p33-list-rows': has('1. Item', '0.00'),
  'p36-wrapped-cells': has('A1', 'Steel bolt with a very long thread, zinc coated', 'A2', '2.00'),
  'p38-bad-stream': told(/page 2|damaged/),
  'p43-empty-cells': all(has('A2', '15'), has('A3', '7')),
  'rf05-pdf-digits-as-controls': either(has('14,918,000', '-17,628,000'), told(/could not be told/)),
  'rf09-pdf-shifted-letters': either(has('The swimming bath is open'), told(/letters|could not be told/)),

  // RTF
  'r07-textbox': all(has('Body', 'BOX WORDS', 'tail'), outcome =>
    outcome.document?.text.split('BOX WORDS').length === 2 ? lacks('BodyBOX')(outcome) : 'not once'
  ),
  'r08-tracked': all(has('Price 200 euros', 'seen'), lacks('100')),
  'r15-headers': all(has('HEADER TEXT'), has('Body')),
  'r17-math': has('The a/b is E=mc end'),
  'r18-trunc': all(same('First paragraph.\nSecond para'), told(/ends in the middle/)),
  'r19-embedded-html': has('Mail body', 'end'),
  'r23-hex-uc': has('日本 ’s x’'),

  // HTML from other programs
  'rf10-html-buttons-glued': all(
    has('Orders', 'Order 17 of Ann Smith was sent on Monday.', 'report save follow', 'Sizes: S M')
  ),
  'rf11-pdf-table-drawn-backwards': has(
    '2018',
    '2023E',
    'Net profit',
    '345',
    '1,819',
    'Cash at end',
    '3,900'
  ),

  // Plain text
  't08-nul-hole': has('2024-05-01 line after rotation'),
  't09-nul-few': has('crash here', 'after'),
  't11-utf16-mixed': has('First written by PowerShell.', 'appended by cmd as ASCII'),
  't12-utf16-lone': has('Before \ufffd after.', 'Before \ufffd after.'),
  't13-utf16be-nobom-cjk': has('老房子坐落在河边'),
  't15-utf8-few-bad': all(has('café naïve Zoë', 'bad \ufffd'), told(/could not be decoded/)),
  't16-mixed-lines': either(
    has('Ligne en UTF-8 : été, forêt, cœur', 'Ligne en Latin-1 : été, forêt, cœur'),
    told(/encoding/)
  ),
  't17-mac-cr': exactly('line one\rline two\rline three\r'),
  't18-formfeed': has('page 1', 'page 2', 'x', 'y'),
  't20-ansi-log': has('\u001b[32mINFO\u001b[0m started', 'done'),
  't23-utf7': exactly('Hi Mom +Jjo-!  Price +IKw-5'),
  't24-bom-middle': has('one', 'two'),
  't25-bom-1252': all(has('café naïve “q”'), lacks('ï»¿')),
  't26-sjis-cut': allButOne,
  't27-gbk-bad-byte': allButOne,
  't28-big5-cut': allButOne,
  't29-euckr-cut': allButOne,
  'x01-fb2': either(has('Глава', 'Старый дом'), refused(/FictionBook/)),
  'x02-srt': has('Привет'),
  'x03-xml-declared': has('Zażółć gęślą jaźń')
}

/** One character is damaged, and it is told which share of the text that is. */
function allButOne(outcome: Outcome): string | undefined {
  const found = outcome.document?.text ?? ''
  const { expected } = outcome
  const [before = '', after = ''] = found.split('\ufffd')
  const isWhole = expected.startsWith(before) && (expected.endsWith(after) || after === '')
  if (!isWhole || before.length + after.length < expected.length - 3)
    return `${found.length} of ${expected.length}`
  return told(/could not be decoded/)(outcome)
}

function asExpectedWithout(remark: string): Check {
  return outcome => same(outcome.expected.replace(remark, ''))(outcome)
}
