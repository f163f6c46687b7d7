/** A library's files copied to another disk and compared by size; on any failure what was copied is taken away again. */
import { existsSync } from 'node:fs'
import { cp, readdir, rm, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { failureSaying } from '../../contract/failure'
import { writeFailure } from './io-failure'
import { libraryEntries } from './paths'

export async function copyEntries(from: string, to: string): Promise<void> {
  try {
    for (const name of libraryEntries) {
      if (!existsSync(join(from, name))) continue
      await cp(join(from, name), join(to, name), {
        recursive: true,
        errorOnExist: true,
        force: false,
        preserveTimestamps: true
      })
      await compare(join(from, name), join(to, name))
    }
  } catch (error) {
    for (const name of libraryEntries) await rm(join(to, name), { recursive: true, force: true })
    throw await writeFailure(error, to, 0)
  }
}

async function compare(from: string, to: string): Promise<void> {
  const found = await stat(from)
  const paths = found.isDirectory()
    ? (await readdir(from, { recursive: true, withFileTypes: true }))
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name))
    : [from]
  for (const path of paths) {
    const copy = join(to, relative(from, path))
    const [{ size: expected }, size] = await Promise.all([
      stat(path),
      stat(copy).then(
        s => s.size,
        () => -1
      )
    ])
    if (size !== expected)
      throw failureSaying('unreadable-file', size < 0 ? 'copyMissing' : 'copyShort', {
        copy,
        expected,
        found: size
      })
  }
}
