import { expect, test } from 'vitest'
import { TokenIds } from './token-ids'

const part = (from: number, length: number) => Uint32Array.from({ length }, (_, i) => from + i)

test('ids come back in their order, whatever was expected of them', () => {
  for (const share of [() => 0, (at: number) => at / 300_000, () => 1, (at: number) => at / 9e9]) {
    const ids = new TokenIds()
    for (let at = 0; at < 300_000; at += 1000) ids.push(part(at, 1000), share(at + 1000))
    expect(ids.all().length).toBe(300_000)
    expect(ids.all().findIndex((id, i) => id !== i)).toBe(-1)
  }
  expect(new TokenIds().all()).toEqual(new Uint32Array())
})

test('of an even text little more is reserved than its ids, and they are written less than twice', () => {
  const ids = new TokenIds()
  const made = part(0, 4096)
  let copied = 0
  const set = Uint32Array.prototype.set
  Uint32Array.prototype.set = function (from, at) {
    copied += from.length
    set.call(this, from, at)
  }
  try {
    for (let i = 1; i <= 4880; i++) ids.push(made, i / 4880)
  } finally {
    Uint32Array.prototype.set = set
  }
  expect(ids.all().length).toBe(4096 * 4880)
  expect(copied).toBeLessThan(2 * 4096 * 4880)
  expect(ids.all().buffer.byteLength).toBeLessThan(1.06 * 4 * 4096 * 4880)
})
