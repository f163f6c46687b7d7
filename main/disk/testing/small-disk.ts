/** A real disk of some megabytes: a tmpfs, where this user may mount one. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
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
      const { bavail, bsize } = statfsSync(folder)
      const filler = join(folder, 'filler')
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - left)))
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
