import { expect, test } from 'vitest'
import { SentFiles } from './sent-files'

const picked = (path: string) => ({ file: new File(['x'], path.split('/').at(-1)!), path })

test('a document knows the file that it came of, where that is known, and keeps it with another text', () => {
  const sent = new SentFiles()
  const files = [picked('mail/a.txt'), picked('mail/b.txt'), picked('old/b.txt')]
  sent.keep(files, {}, [
    { id: '1', name: 'a.txt' },
    { id: '2', name: 'b.txt' }
  ])
  expect(sent.of('1')?.picked).toEqual([{ file: files[0]!.file, path: 'a.txt' }])
  expect(sent.of('2')).toBeUndefined()
  sent.move('1', '3')
  expect(sent.of('3')).toBe(sent.of('1'))
  sent.keep(files, { asOne: 'mail' }, [{ id: '4', name: 'mail' }])
  expect(sent.of('4')).toEqual({ picked: files, how: { asOne: 'mail' } })
})
