/**
 * Dawn prints remarks about driver limits to standard error when it looks for adapters ("artificially reduced ..."),
 * which mean nothing to a person and stand in the way of "one clear sentence". They come from native code, so the
 * file descriptor itself is turned away while `work` runs. Where that is not possible they are simply seen.
 */
import { closeSync, openSync } from 'node:fs'

export async function withQuietStderr<T>(work: () => Promise<T>): Promise<T> {
  const restore = process.platform === 'linux' ? await turnAway() : undefined
  try {
    return await work()
  } finally {
    restore?.()
  }
}

async function turnAway(): Promise<(() => void) | undefined> {
  try {
    const { default: koffi } = await import('koffi')
    const libc = koffi.load('libc.so.6')
    const dup = libc.func('int dup(int)') as (fd: number) => number
    const dup2 = libc.func('int dup2(int, int)') as (from: number, to: number) => number
    const saved = dup(2)
    if (saved < 0) return undefined
    const nowhere = openSync('/dev/null', 'w')
    dup2(nowhere, 2)
    closeSync(nowhere)
    return () => {
      dup2(saved, 2)
      closeSync(saved)
    }
  } catch {
    return undefined
  }
}
