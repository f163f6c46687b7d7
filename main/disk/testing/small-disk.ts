/** A real disk of some megabytes: a tmpfs, where this user may mount one. */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  readonly folder: string
  /** Takes all that is free but so many bytes; returns what gives it back. */
  fill(left?: number): () => void
  end(): void
}

export function smallDisk(bytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'readonce-disk-'))
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder], { stdio: 'pipe' })
  return {
    folder,
    fill(left = 0) {
      const filler = join(folder, 'filler')
      const handle = openSync(filler, 'w')
      const free = (): number => {
        const { bavail, bsize } = statfsSync(folder)
        return bavail * bsize - left
      }
      try {
        // Others may write meanwhile, so what is free is asked anew for each piece.
        for (let most = free(); most > 0; most = free())
          writeSync(handle, Buffer.alloc(Math.min(most, 1 << 20)))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        closeSync(handle)
      }
      return () => rmSync(filler)
    },
    end() {
      execFileSync('umount', ['-l', folder], { stdio: 'pipe' })
      rmdirSync(folder)
    }
  }
}

/** Why there can be none here; undefined where there can. */
export const noSmallDisk: string | undefined = (() => {
  if (process.platform !== 'linux') return 'small disks are made on Linux only'
  try {
    smallDisk(1 << 20).end()
    return undefined
  } catch {
    return 'this user may not mount a tmpfs'
  }
})()
