/** Web pages beyond formats.test.ts and the handed cases. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { extractFile } from '../extract-text'

const folder = mkdtempSync(join(tmpdir(), 'readonce-html-'))
afterAll(() => rmSync(folder, { recursive: true }))
const read = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content)
  return extractFile(join(folder, name))
}

describe('a page saved as one file', () => {
  const part = (head: string, body: string) => `--b.1?\r\n${head}\r\n\r\n${body}\r\n`
  const file = (head: string, ...parts: string[]) =>
    `${head}\r\n\r\nA note for old programs.\r\n${parts.join('')}--b.1?--\r\n`
  const head =
    'From: <Saved by Blink>\r\nSubject: A page\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="b.1?"'

  test('its page is read in its own encoding; pictures and other pages are told', async () => {
    const page =
      'Content-Type: text/html; charset="iso-8859-2"\r\nContent-Transfer-Encoding: quoted-printable'
    const source = file(
      head,
      part(page, '<p>Za=BF=F3=B3=E6 g=EA=B6l=B1 ja=BC=F1, a line that is=\r\n broken.</p>'),
      part('Content-Type: image/png\r\nContent-Transfer-Encoding: base64', 'iVBORw0KGgo='),
      part('Content-Type: text/html\r\nContent-Location: https://a.example/frame', '<p>frame</p>')
    )
    const { text, kind, notes } = await read('a.mhtml', source)
    expect(text).toBe('Zażółć gęślą jaźń, a line that is broken.')
    expect(kind).toBe('html')
    expect(notes.map(({ message }) => message)).toEqual([
      '1 picture is not read.',
      '1 other part that was saved with this page is not read: https://a.example/frame.'
    ])
  })

  test('the page that the head names comes first, also in base64 and in parts of parts', async () => {
    const base64 = Buffer.from('<p>The café.</p>').toString('base64')
    const inner =
      '--in\r\nContent-Type: text/plain\r\n\r\nplain\r\n--in\r\nContent-Type: text/html\r\nContent-ID: <two>\r\nContent-Transfer-Encoding: base64\r\n\r\n' +
      `${base64}\r\n--in--`
    const source = file(
      head.replace('type="text/html"', 'start="<two>"'),
      part('Content-Type: text/html\r\nContent-ID: <one>', '<p>first</p>'),
      part('Content-Type: multipart/alternative; boundary=in', inner)
    )
    expect((await read('b.mht', source)).text).toBe('The café.')
  })

  test('a mail head in a text is text', async () => {
    const mail = 'From: Ann\nSubject: multipart/related\n\nMIME-Version: 1.0 is a line of the mail.\n'
    expect(await read('c.txt', mail)).toMatchObject({ kind: 'text', text: mail })
  })
})

describe('what a page says of its encoding', () => {
  const page = (bytes: string) =>
    Buffer.from(
      `<!DOCTYPE html><html><head><meta charset="utf-8"></head><body><p>${bytes}</p></body></html>`,
      'latin1'
    )

  test.each([
    ['windows-1252', 'Der Bär mag Honig – und die Straße', 'Der B\xe4r mag Honig \x96 und die Stra\xdfe'],
    ['windows-1252', 'the café said “no” … 5 €', 'the caf\xe9 said \x93no\x94 \x85 5 \x80'],
    [
      'windows-1251',
      'Привет мир, это текст',
      '\xcf\xf0\xe8\xe2\xe5\xf2 \xec\xe8\xf0, \xfd\xf2\xee \xf2\xe5\xea\xf1\xf2'
    ]
  ])('utf-8, and is %s', async (encoding, text, bytes) => {
    const document = await read('d.html', page(bytes))
    expect(document).toMatchObject({ text, encoding })
    expect(document.notes[0]?.message).toContain('says that its encoding is utf-8, which it is not')
  })
})

describe('short pages', () => {
  test('are read whole but for their menus', async () => {
    const { text, notes } = await read(
      'e.html',
      '<body><nav><a href=/>Home</a></nav><h1>Form</h1><form><input value="typed"><textarea>more</textarea><button>Send</button><button>Stop</button></form>Notes'
    )
    expect(text).toBe('Form\n\ntyped more Send Stop\n\nNotes')
    expect(notes).toMatchObject([{ kind: 'menus' }])
  })

  test('what follows the end of a page is not glued to it', async () => {
    expect((await read('f.html', '<html><body>end</body></html>more<p>and<div>on</html>last')).text).toBe(
      'end more\n\nand\n\non last'
    )
  })
})
