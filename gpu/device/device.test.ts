import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { EngineFailure } from '../failure'
import { openDawn } from '../node/dawn'
import { bufferOf, describeGpu, device, onSoftware } from '../testing/gpu-testing'
import { Batch } from './batch'
import { openDevice } from './device'
import { Profile } from './profile'
import { copyFromBuffer, Staging } from './readback'
import { expectShape } from './tensor'

const wgsl = `struct Params { add: u32 }
var<immediate> params: Params;
@group(0) @binding(0) var<storage, read_write> x: array<u32>;
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) { x[id.x] += params.add; }`
const source = { name: 'count-up', wgsl }

const failure = (code: string, text: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(text) })

describeGpu('device', () => {
  it('counts buffers by purpose and is empty after closing', async () => {
    const own = await openDevice(openDawn())
    const bank = own.buffer('pages', 'bank', 1000)
    own.buffer('weights', 'matrix', 64)
    own.buffer('scratch', 'x', 1)
    expect(own.memory()).toEqual({ weights: 64, pages: 1008, carry: 0, scratch: 16, staging: 0 })
    const staging = new Staging(own, 100)
    expect([own.liveBuffers, own.liveBytes]).toEqual([4, 64 + 1008 + 16 + 112])
    own.free(bank)
    own.free(bank)
    staging.free()
    expect([own.liveBuffers, own.liveBytes, own.peakBytes]).toEqual([2, 80, 1200])
    own.close()
    expect([own.liveBuffers, own.liveBytes]).toEqual([0, 0])
  })

  it.skipIf(process.platform !== 'linux')(
    'what is freed goes back to the system at once, though nothing is asked of the GPU any more',
    async () => {
      const resident = () =>
        Number(/VmRSS:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024
      const own = await openDevice(openDawn())
      const before = resident()
      const large = own.buffer('pages', 'large', 256 << 20)
      own.raw.queue.writeBuffer(large, 0, new Uint8Array(16))
      await own.idle()
      // Elsewhere than on a software adapter it lies in memory that is not ours.
      if (own.adapter.software) expect(resident()).toBeGreaterThan(before + (200 << 20))
      own.free(large)
      await vi.waitFor(() => expect(resident()).toBeLessThan(before + (100 << 20)), { timeout: 10_000 })
      own.close()
    }
  )

  it('a device that goes away is a named failure at the next wait, and at every wait', async () => {
    const own = await openDevice(openDawn())
    const buffer = own.buffer('scratch', 'x', 64)
    own.raw.destroy()
    const gone = failure('gpu-lost', /went away .* on disk/)
    await expect(own.lost).resolves.toEqual(expect.any(String))
    await expect(own.idle()).rejects.toEqual(gone)
    await expect(copyFromBuffer(own, buffer, 0, 16)).rejects.toEqual(gone)
    expect(() => own.check()).toThrow(EngineFailure)
  })

  it('a device that goes away while somebody waits for bytes', async () => {
    const own = await openDevice(openDawn())
    const waiting = copyFromBuffer(own, own.buffer('scratch', 'x', 64), 0, 64)
    own.raw.destroy()
    await expect(waiting).rejects.toEqual(failure('gpu-lost', /went away/))
  })

  it('closing on purpose is no loss: whoever still waits hears that it was closed', async () => {
    const own = await openDevice(openDawn())
    own.close()
    await own.lost
    expect(() => own.check()).toThrow(expect.objectContaining({ code: 'closed' }))
  })

  it('an invalid call is reported at the next wait', async () => {
    const own = await openDevice(openDawn())
    const [small, large] = [own.buffer('scratch', 'small', 16), own.buffer('scratch', 'large', 64)]
    const batch = new Batch(own)
    batch.copy(large, 0, small, 0, 64)
    batch.submit()
    await expect(own.idle()).rejects.toThrow(/WebGPU: .*small/s)
    own.close()
  })

  it('memory that is refused is a named failure, in words, and gives back what was made before', async () => {
    const own = await openDevice(openDawn())
    const [kept, others] = [own.buffer('pages', 'kept', 16), own.liveBuffers]
    const refused = own.allocating('A very long text', () => [
      own.buffer('pages', 'fits', 4096),
      own.buffer('pages', 'huge', own.limits.maxBufferSize + 16)
    ])
    // A second one at the same time hears nothing of the first one's failure.
    const granted = own.allocating('A short text', () => own.buffer('pages', 'short', 32))
    await expect(refused).rejects.toEqual(
      failure('too-long', /^A very long text does not fit this adapter's memory: /)
    )
    await expect(granted).resolves.toHaveProperty('size', 32)
    expect([own.liveBuffers, own.memory().pages]).toEqual([others + 1, 48])
    expect(kept.size).toBe(16)
    own.check()
    own.close()
  })

  it('an allocation that throws leaves no buffer and no error scope behind', async () => {
    const own = await openDevice(openDawn())
    const reading = own.allocating('The model', async () => {
      own.buffer('weights', 'first', 64)
      await Promise.resolve()
      throw new Error('the disk is gone')
    })
    await expect(reading).rejects.toThrow('the disk is gone')
    expect(own.liveBuffers).toBe(0)
    own.raw.createBuffer({ size: own.limits.maxBufferSize + 16, usage: 8 })
    await expect(own.idle()).rejects.toThrow('WebGPU: ')
    own.close()
  })

  it('finds no adapter: a named failure', async () => {
    const none = { requestAdapter: async () => null } as unknown as GPU
    await expect(openDevice(none)).rejects.toEqual(failure('gpu-lacking', /No WebGPU adapter was found/))
  })
})

describeGpu('batch', () => {
  it('runs many dispatches in one submit, in order', async () => {
    const kernel = await device.compile(source, {})
    const x = bufferOf(new Uint32Array(128))
    const batch = new Batch(device)
    for (let i = 1; i <= 5; i++) batch.run(kernel, [x], { add: i }, [2])
    batch.run(kernel, [x], { add: 100 }, [0])
    expect(batch.dispatches).toBe(5)
    batch.submit()
    expect(new Set(new Uint32Array((await copyFromBuffer(device, x, 0, 512)).buffer))).toEqual(new Set([15]))
  })

  it('binds a range of a buffer', async () => {
    const kernel = await device.compile(source, {})
    const x = bufferOf(new Uint32Array(192))
    const batch = new Batch(device)
    batch.run(kernel, [{ buffer: x, offset: 256, size: 256 }], { add: 3 }, [1])
    batch.submit()
    const found = new Uint32Array((await copyFromBuffer(device, x, 0, 768)).buffer)
    expect([found[63], found[64], found[127], found[128]]).toEqual([0, 3, 3, 0])
  })

  it('names its bindings and limits when a call is wrong', async () => {
    const kernel = await device.compile(source, {})
    const x = bufferOf(new Uint32Array(64))
    const batch = new Batch(device)
    expect(() => batch.run(kernel, [x, x], { add: 1 }, [1])).toThrow('count-up: 2 bindings given, it takes x')
    expect(() => batch.run(kernel, [x], { add: 1 }, [1, 70_000])).toThrow(
      'count-up: 1 x 70000 workgroups, at most 65535 a side'
    )
    expect(() => batch.run(kernel, [x], { ad: 1 }, [1])).toThrow('it takes add')
  })
})

describeGpu('staging', () => {
  it('collects ranges, lends them once, and can be used again', async () => {
    const x = bufferOf(Uint32Array.from({ length: 64 }, (_, i) => i))
    const staging = new Staging(device, 64)
    for (const first of [0, 20]) {
      const batch = new Batch(device)
      staging.copy(batch, x, first * 4, 8)
      staging.copy(batch, x, 160, 4)
      batch.submit()
      const words = await staging.read(bytes => [...new Uint32Array(bytes.slice().buffer)])
      expect(words).toEqual([first, first + 1, 40])
    }
    expect(() => staging.copy(new Batch(device), x, 0, 68)).toThrow('0 + 68 bytes exceed 64')
    staging.free()
  })
})

describe('shapes', () => {
  it('are refused with both shapes', () => {
    const tensor = { name: 'normed', buffer: {} as GPUBuffer, shape: [3, 200] as const }
    expect(() => expectShape('rms-norm', 'x', tensor, 3, 204)).toThrow(
      'rms-norm: x (normed) is [3, 200], expected [at least 3, 204]'
    )
    expect(() => expectShape('rms-norm', 'x', tensor, 4, 200)).toThrow('[at least 4, 200]')
    expect(() => expectShape('rms-norm', 'x', tensor, 2, 200)).not.toThrow()
  })
})

describeGpu('profile', async () => {
  const own = await openDevice(openDawn(), { profile: true }).catch(() => undefined)
  afterAll(() => own?.close())

  it.skipIf(!own?.profiled)(
    'sums time and dispatches by kernel (not run where the adapter has no timestamps)',
    async () => {
      const profile = (own!.profile = new Profile(own!))
      const [kernel, other] = [
        await own!.compile(source, {}),
        await own!.compile({ ...source, name: 'other' }, {})
      ]
      const x = own!.buffer('scratch', 'x', 4 << 20)
      for (let submit = 0; submit < 3; submit++) {
        const batch = new Batch(own!)
        for (let i = 0; i < 4; i++) batch.run(kernel, [x], { add: 1 }, [16384])
        batch.run(other, [x], { add: 1 }, [1])
        batch.submit()
      }
      const times = await profile.kernelTimes()
      expect(times.map(t => [t.kernel, t.dispatches])).toEqual([
        ['count-up', 12],
        ['other', 3]
      ])
      expect(times[0]!.milliseconds).toBeGreaterThan(times[1]!.milliseconds)
      expect(times[0]!.milliseconds).toBeLessThan(10_000)
      expect([profile.submits, profile.dispatches, profile.untimed]).toEqual([3, 15, 0])
    }
  )

  it.runIf(onSoftware)('software adapters have timestamps, so that the test above runs', () => {
    expect(own?.profiled).toBe(true)
  })
})
