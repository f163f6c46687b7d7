import { expect, it } from 'vitest'
import type { Tensor } from '../device/tensor'
import { Batch } from '../device/batch'
import { Staging } from '../device/readback'
import { describeGpu, device, run, valuesOf } from '../testing/gpu-testing'
import { tinyModel } from '../testing/tiny-model'
import { readingPlan } from '../yoco/plan'
import { Carry, savedCarryBytes } from './carry'

const windowed = tinyModel('fla-window', { seed: 1 }).config
const retaining = tinyModel('official-retention', { seed: 1 }).config
const window = windowed.self.kind === 'window' ? windowed.self.window : 0

/** Value of column c at position p, different in every tensor. */
const value = (tensor: number, p: number, c: number) => tensor * 1e5 + (p % 997) * 100 + c

const tensorsOf = (carry: Carry): Tensor[] => [
  ...carry.states,
  ...carry.rings.flatMap(ring => [ring.keys, ring.values])
]

/** Fills a ring as if `position` rows had been read, or a state with any numbers. */
function fill(carry: Carry, position: number): void {
  carry.position = position
  for (const [n, tensor] of tensorsOf(carry).entries()) {
    const [rows, width] = tensor.shape
    const values = new Float32Array(rows * width)
    if (carry.states.length > 0) values.forEach((_, i) => (values[i] = n * 1e5 + i))
    else
      for (let p = Math.max(0, position - rows); p < position; p++)
        for (let c = 0; c < width; c++) values[(p % rows) * width + c] = value(n, p, c)
    device.raw.queue.writeBuffer(tensor.buffer, 0, values)
  }
}

/** The rows of the last window - 1 positions are where the position says. */
async function expectWindow(carry: Carry, position: number): Promise<void> {
  expect(carry.position).toBe(position)
  for (const [n, tensor] of tensorsOf(carry).entries()) {
    const [rows, width] = tensor.shape
    const values = await valuesOf(tensor)
    for (let p = Math.max(0, position - window + 1); p < position; p++) {
      for (let c = 0; c < width; c++) {
        if (values[(p % rows) * width + c] !== value(n, p, c))
          throw new Error(`tensor ${n}, position ${p}, column ${c}`)
      }
    }
  }
}

async function saved(carry: Carry): Promise<Uint8Array<ArrayBuffer>> {
  const staging = new Staging(device, carry.savedBytes)
  const batch = new Batch(device)
  carry.save(batch, staging)
  batch.submit()
  const bytes = await staging.read(borrowed => borrowed.slice())
  staging.free()
  return bytes
}

describeGpu('carry of a window', () => {
  // The ring of 64 has 70 rows; 6 of them are kept: before, at and behind the place where it wraps.
  const positions = [1, 3, 6, 7, 69, 70, 71, 73, 76, 256, 1000, 1_000_003]

  it.each(positions)('saved at %i and restored into rings of other lengths', async position => {
    const carry = new Carry(device, readingPlan(windowed).carry, 64)
    fill(carry, position)
    const bytes = await saved(carry)
    expect(bytes.length).toBe(savedCarryBytes(readingPlan(windowed).carry))
    expect(bytes.length).toBe(2 * 2 * (window - 1) * 2 * 12 * 4)
    for (const longest of [64, 16, 13, 200]) {
      const other = new Carry(device, readingPlan(windowed).carry, longest)
      fill(other, 5 * position)
      other.restore(bytes, position)
      await expectWindow(other, position)
      other.free()
    }
    carry.free()
  })

  it.each(positions)('copied at %i into rings of other lengths, itself unchanged', async position => {
    const carry = new Carry(device, readingPlan(windowed).carry, 64)
    fill(carry, position)
    for (const longest of [64, 16, 13, 200]) {
      const other = new Carry(device, readingPlan(windowed).carry, longest)
      await run(batch => carry.copyTo(batch, other))
      await expectWindow(other, position)
      other.free()
    }
    await expectWindow(carry, position)
    carry.free()
  })

  it('refuses bytes of another length', () => {
    const carry = new Carry(device, readingPlan(windowed).carry, 64)
    expect(() => carry.restore(new Uint8Array(carry.savedBytes + 4), 3)).toThrow(
      `${carry.savedBytes + 4} bytes given, ${carry.savedBytes} taken`
    )
    carry.free()
  })
})

describeGpu('carry of a retention', () => {
  it('saved, restored and copied bit by bit', async () => {
    const carry = new Carry(device, readingPlan(retaining).carry, 64)
    fill(carry, 77)
    const bytes = await saved(carry)
    expect(bytes.length).toBe(savedCarryBytes(readingPlan(retaining).carry))
    const [restored, copied] = [
      new Carry(device, readingPlan(retaining).carry, 8),
      new Carry(device, readingPlan(retaining).carry, 8)
    ]
    restored.restore(bytes, 77)
    await run(batch => carry.copyTo(batch, copied))
    for (const other of [restored, copied]) {
      expect(other.position).toBe(77)
      for (const [i, state] of carry.states.entries())
        expect(await valuesOf(other.states[i]!)).toEqual(await valuesOf(state))
    }
    for (const each of [carry, restored, copied]) each.free()
  })
})

describeGpu('memory of a carry', () => {
  it.each([windowed, retaining])('is counted and given back', config => {
    const before = device.memory().carry
    const carry = new Carry(device, readingPlan(config).carry, 64)
    expect(device.memory().carry).toBeGreaterThan(before)
    carry.free()
    expect(device.memory().carry).toBe(before)
  })
})
