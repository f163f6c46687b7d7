/** Templates that are built to hang the engine come to an end, whatever operation they do it with. */
import { describe, expect, test } from 'vitest'
import { stopwatch } from '../testing/stopwatch'
import { compileTemplate } from './bounded-jinja'

/** On a busy computer; most take some milliseconds. */
const mostMs = 2500

const turns = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    role: i % 2 === 0 ? 'user' : 'assistant',
    content: `\uE0F0${i}\uE0F1`
  }))

/** What came of it, and within the time. */
function render(template: string, variables: object = { messages: turns(3) }): string {
  const took = stopwatch()
  let outcome: string
  try {
    outcome = compileTemplate(template)({ ...variables })
  } catch (error) {
    outcome = `refused: ${(error as Error).message}`
  }
  expect(took(), template.slice(0, 300)).toBeLessThan(mostMs)
  return outcome
}

/** Sets `a` to 131,072 letters, `h` to half of them, `q` to a quarter, and `n` to a needle that V8 looks for in quadratic time. */
const long =
  "{% set q = 'aaaaaaaa' %}" +
  '{% set q = q ~ q ~ q ~ q %}'.repeat(6) +
  "{% set h = q ~ q %}{% set a = h ~ h %}{% set n = q ~ 'b' ~ q %}"
const often = (body: string, times = 4000): string => `{% for i in range(${times}) %}${body}{% endfor %}`

describe('a search in a long text', () => {
  test.each([
    ['in', '{{ n in a }}'],
    ['not in', '{{ n not in a }}'],
    ['in, behind and', '{{ a and n in a }}'],
    ['in, as the condition of an expression', "{{ 'x' if n in a else 'y' }}"],
    ['in, as the condition of a loop', '{% for x in [1] if n in a %}{% endfor %}'],
    ['in, of joined texts', '{{ (q ~ "b" ~ q) in (h ~ h) }}'],
    ['in a list', '{{ n in [a, a, a, a] }}'],
    ['split', '{{ a.split(n)|length }}'],
    ['split, a few times only', '{{ a.split(n, 1)|length }}'],
    ['split by a name', '{% set f = a.split %}{{ f(n)|length }}'],
    ['split by a computed name', "{{ a['split'](n)|length }}"],
    ['split of a literal call', '{{ (a ~ a[:9]).split(n)|first|length }}'],
    ['replace', "{{ a.replace(n, '')|length }}"],
    ['replace by a filter', "{{ a|replace(n, '')|length }}"],
    ['replace by a filter statement', "{% filter replace(n, '') %}{{ a }}{% endfilter %}"],
    ['replace by a name', "{% set f = a.replace %}{{ f(n, '')|length }}"],
    ['replace within a macro', "{% macro m(x, y) %}{{ x.replace(y, '')|length }}{% endmacro %}{{ m(a, n) }}"],
    ['replace that grows', "{{ h.replace('a', a)|length }}"],
    ['replace that grows, by a filter', "{{ h|replace('a', a)|length }}"],
    ['replace with spread arguments', "{{ a.replace(*[n, ''])|length }}"],
    ['split with spread arguments', '{{ a.split(*[n])|length }}']
  ])('%s', (_, body) => {
    // Once and many times, as one expression, in a loop and written out.
    for (const each of [body, often(body), body.repeat(20), often(often(body, 60), 60)])
      expect(render(long + each)).toMatch(/^refused: .*(too long|steps)/)
  })

  test.each([
    ['the front', '{{ a.startswith(q) }}'],
    ['the end', '{{ a.endswith(n) }}'],
    ['the same', '{{ a == (a ~ "") }}'],
    ['other letters', '{% set u = a|upper %}{% set v = u|lower %}{% set w = a.title() %}'],
    ['spaces', '{% set u = a.strip() ~ a.rstrip()[:1] %}'],
    ['a slice', '{% set u = a[::-1][:3] %}'],
    ['one letter', '{{ a[5] }}'],
    ['a number', '{{ a|int }}'],
    ['is lower', '{{ a is lower }}'],
    ['by a name', '{% set f = a.endswith %}{{ f(n) }}{{ f(n) }}'],
    ['many names', "{% set f = a.split %}{{ f('zz')|length }}"]
  ])('linear work is charged: %s', (_, body) => {
    expect(render(long + often(often(body, 4000), 4000))).toMatch(/^refused: .*(too long|steps)/)
  })
})

describe('a list that holds much', () => {
  const wide = long + '{% set l = range(4000)|list %}'
  test.each([
    [
      'one text many times, as JSON',
      `${'{% set b = [a, a, a, a, a, a, a, a] %}'}{% set c = [b, b, b, b] %}{% set d = [c, c, c, c] %}{{ d|tojson|length }}`
    ],
    ['joined', '{% set b = [a, a, a, a] %}{% set c = b + b + b + b %}{{ c|join|length }}'],
    ['joined by a long text', '{{ l|join(a)|length }}'],
    ['letters joined by a long text', '{{ a|join(a)|length }}'],
    ['in, of the same length', '{% set b = [a[1:], a[1:], a[1:]] %}{{ a[2:] ~ "b" in b }}'],
    [
      'an attribute by a long path',
      "{% set o = [{'a': 1}] %}{% set o = o + o + o + o + o + o + o + o %}{% set o = o + o + o + o + o + o + o + o %}{{ o|map(attribute=a)|list|length }}"
    ],
    [
      'sorted by a long path',
      "{% set o = [{'a': 1}] %}{% set o = o + o + o + o + o + o + o + o %}{% set o = o + o + o + o + o + o + o + o %}{{ o|sort(attribute=a)|length }}"
    ],
    ['sorted', '{{ l|sort|length }}{{ l|sort(reverse=true)|length }}'],
    ['compared with a text', "{{ l == 'x' }}"],
    ['joined to a text', "{{ (l ~ 'x')|length }}"],
    ['as it is', '{% if l|string|length %}{% endif %}'],
    ['unpacked', '{{ range(*l)|length }}']
  ])('%s', (_, body) => {
    expect(render(wide + often(often(body, 4000), 4000))).toMatch(/^refused: /)
  })

  test.each([
    ['namespaces in lists', '[s]', '[s, s, s, s, s, s, s, s, s, s]'],
    ['namespaces in namespaces', 's', 's']
  ])('%s', (_, one, many) => {
    const level = `{% set t = namespace() %}{% set t.x = ${many} %}{% set t.y = ${one} %}{% set s = t %}`
    expect(render(`{% set s = namespace() %}${level.repeat(30)}{{ s }}{{ [s]|tojson }}`)).toMatch(
      /^refused: .*namespace inside/
    )
  })

  test('a namespace that holds itself', () => {
    expect(render('{% set s = namespace() %}{% set s.x = s %}{{ s }}')).toMatch(/^refused: /)
  })

  test.each([
    ['items', '{% set d = {"k": x} %}{% set y = d.items() %}{% set x = [y, y, y, y, y, y, y, y, y, y] %}'],
    ['items by a filter', '{% set y = {"k": x}|items %}{% set x = [y, y, y, y, y, y, y, y, y, y] %}'],
    ['values', '{% set y = {"k": x}.values() %}{% set x = [y, y, y, y, y, y, y, y, y, y] %}'],
    ['dictsort', '{% set y = {"k": x}|dictsort %}{% set x = [y, y, y, y, y, y, y, y, y, y] %}'],
    ['maps', '{% set x = {"a": x, "b": x, "c": x, "d": x} %}'],
    ['tuples', '{% set x = (x, x, x, x, x) %}'],
    ['slices', '{% set x = [x[:], x[:], x[::-1]] %}'],
    ['sums', '{% set x = x + x + x %}'],
    ['namespaces of lists', '{% set s = namespace(v=x) %}{% set x = [s.v, s.v, s.v] %}']
  ])('grown by %s', (_, level) => {
    expect(render(`{% set x = [1] %}${level.repeat(40)}{{ x|tojson|length }}`)).toMatch(
      /^refused: .*(too long|deep|steps)/
    )
  })

  test('nested deep, with wide margins', () => {
    const deep = `{% set x = [1] %}${'{% set x = [x] %}'.repeat(600)}{{ x|tojson(indent=4096)|length }}`
    expect(render(deep)).toMatch(/^refused: .*deep/)
    const wide60 = `{% set x = range(100) %}${'{% set x = [x] %}'.repeat(50)}{{ x|tojson(indent=4000)|length }}`
    expect(render(wide60)).toMatch(/^refused: /)
    const lines = "{% set a = 'a\\n' %}" + '{% set a = a ~ a ~ a ~ a %}'.repeat(8)
    expect(render(`${lines}{{ a|indent(4000)|length }}`)).toMatch(/^refused: /)
  })
})

test('macros and call blocks whose bodies are looked through each time', () => {
  const body = '{{ a.b.c[1] + d.e|f }}'.repeat(2500)
  for (const one of [
    `{% macro m() %}${body}{% endmacro %}`,
    `{% macro n() %}{% endmacro %}{% call n() %}${body}{% endcall %}`
  ])
    expect(render(often(one))).toMatch(/^refused: .*steps/)
})

describe('what templates really do goes on working', () => {
  test('a conversation of 400 turns', () => {
    const template =
      "{% set ns = namespace(system='', seen=messages) %}{% for m in messages %}{% if m['role'] not in ['system', 'user', 'assistant'] %}" +
      "{{ raise_exception('role') }}{% endif %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('order') }}{% endif %}" +
      "{% if ns.seen and messages|length > loop.index and 'tool' in m %}x{% endif %}" +
      "{{ '<|' + m.role + '|>' + m.content | trim + '\\n' }}{% endfor %}"
    expect(render(template, { messages: turns(400) })).toContain('<|assistant|>\uE0F0399\uE0F1')
  })

  test('texts are split, replaced, indented and written as JSON', () => {
    const text = 'word <think>deep thought</think> '.repeat(100)
    const template =
      "{% set x = t.split('</think>')[-1].lstrip() %}{{ x }}{{ t.replace('<think>', '')|length }}" +
      "{{ t|indent(4)|length }}{{ '</think>' in t }}{{ tools|tojson(indent=4) }}{{ tools|map(attribute='name')|join(', ') }}"
    const tools = Array.from({ length: 20 }, (_, i) => ({
      name: `tool ${i}`,
      parameters: { type: 'object', properties: { a: { type: 'string', description: text.slice(0, 200) } } }
    }))
    expect(render(template, { t: text, tools })).toContain('tool 18, tool 19')
  })
})
