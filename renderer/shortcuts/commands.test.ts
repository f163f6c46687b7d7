import { expect, test } from 'vitest'
import { commands, defaultKeys, holderOf, keysOf, keysOfEvent, shownKeys } from './commands'

const press = (
  key: string,
  held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', true>> = {}
) => ({
  key,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...held
})

test('no two commands begin with the same keys', () => {
  const keys = Object.values(defaultKeys).map(each => each.toLowerCase())
  expect(new Set(keys).size).toBe(keys.length)
})

test('keys that a person set count, also none', () => {
  const keys = keysOf({ open: 'F2', find: '', nonsense: 'x' })
  expect([keys.open, keys.find, keys.settings]).toEqual(['F2', '', '$mod+,'])
  expect(Object.keys(keys)).toEqual(commands)
})

test('what is pressed is written as tinykeys reads it', () => {
  expect(keysOfEvent(press('Control', { ctrlKey: true }), false)).toBeUndefined()
  expect(keysOfEvent(press('k', { ctrlKey: true }), false)).toBe('$mod+k')
  expect(keysOfEvent(press('k', { metaKey: true }), true)).toBe('$mod+k')
  expect(keysOfEvent(press('K', { ctrlKey: true, shiftKey: true, altKey: true }), false)).toBe(
    '$mod+Alt+Shift+K'
  )
  expect(keysOfEvent(press('k', { metaKey: true }), false)).toBe('Meta+k')
  expect(keysOfEvent(press(' ', { altKey: true }), false)).toBe('Alt+Space')
})

test('keys are shown as they are printed on the keyboard', () => {
  expect(shownKeys('$mod+Shift+O', false)).toEqual(['Ctrl', 'Shift', 'O'])
  expect(shownKeys('$mod+,', true)).toEqual(['⌘', ','])
  expect(shownKeys('Shift+?', false)).toEqual(['?'])
  expect(shownKeys('$mod++', false)).toEqual(['Ctrl', '+'])
  expect(shownKeys('Alt+ArrowUp', false)).toEqual(['Alt', '↑'])
  expect(shownKeys('', false)).toEqual([])
})

test('a key that another command has is found, whatever its case', () => {
  const keys = keysOf({})
  expect(holderOf('$mod+O', 'find', keys)).toBe('open')
  expect(holderOf('$mod+o', 'open', keys)).toBeUndefined()
  expect(holderOf('', 'open', keysOf({ find: '' }))).toBeUndefined()
})
