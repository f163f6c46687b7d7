/**
 * Where the library is. Each program starts from a home folder (the platform's, or `--library DIR`); when a person moved
 * the library, location.json there says where to. The file also carries a move that a crash cut short to its end.
 *
 * On the same disk entries are renamed: {folder, from} is written first, and whoever finds it renames what is left.
 * To another disk they are copied: {folder, erase} is written when all is there, and whoever finds it erases the old ones.
 */
import { existsSync } from 'node:fs'
import { readFile, rename, rm, stat, unlink } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { failureSaying } from '../../contract/failure'
import { makeFolder } from './atomic-write'
import { copyEntries } from './copy-entries'
import { migrateHome } from './former-home'
import { codeOf, readFailure, writeFailure } from './io-failure'
import { writeJson } from './json-file'
import { dataFolder, formerDataFolder, libraryEntries, locationFile } from './paths'

const Location = z.looseObject({
  folder: z.string().min(1),
  from: z.string().optional(),
  erase: z.string().optional()
})

/** The folder a program starts from: `--library DIR`, READONCE_LIBRARY, or the platform's. */
export function homeFolder(
  override?: string,
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  migrate = migrateHome
): string {
  const named = override ?? (env['READONCE_LIBRARY'] || undefined)
  const place = resolve(dataFolder(named, env, platform))
  const former = named === undefined ? formerDataFolder(env, platform) : undefined
  return former === undefined ? place : migrate(place, resolve(former))
}

/** The library's folder; ends a move that was cut short. Rejects when it was moved to a disk that is not there now. */
export async function folderOf(home: string): Promise<string> {
  const pointer = await readPointer(home)
  if (pointer === undefined) return home
  const { folder, from, erase } = pointer
  const there = await stat(folder).catch(() => undefined)
  if (!there?.isDirectory())
    throw failureSaying('not-found', 'libraryMissing', { folder, note: locationFile(home) })
  if (from !== undefined) await renameEntries(from, folder)
  if (erase !== undefined) await eraseEntries(erase)
  if (from !== undefined || erase !== undefined) await point(home, folder)
  return folder
}

/** One that is broken stays where it is: put aside, the next start would begin with an empty library. */
async function readPointer(home: string): Promise<z.infer<typeof Location> | undefined> {
  const path = locationFile(home)
  const text = await readFile(path, 'utf8').catch(error => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw readFailure(error, path)
  })
  if (text === undefined) return undefined
  try {
    return Location.parse(JSON.parse(text))
  } catch {
    throw failureSaying('unreadable-file', 'locationBroken', { path })
  }
}

/** Moves all entries of the library in `from` to `to`, a folder without any, and lets `home` point there. */
export async function moveEntries(home: string, from: string, to: string): Promise<void> {
  await makeFolder(home)
  await makeFolder(to)
  if (await onSameDisk(from, to)) {
    await writeJson(locationFile(home), { folder: to, from })
    await renameEntries(from, to)
  } else {
    await copyEntries(from, to)
    await writeJson(locationFile(home), { folder: to, erase: from })
    await eraseEntries(from)
  }
  await point(home, to)
}

async function point(home: string, folder: string): Promise<void> {
  if (resolve(folder) !== resolve(home)) return writeJson(locationFile(home), { folder })
  await unlink(locationFile(home)).catch(async error => {
    if (codeOf(error) !== 'ENOENT') throw await writeFailure(error, locationFile(home), 0)
  })
}

async function renameEntries(from: string, to: string): Promise<void> {
  for (const name of libraryEntries)
    if (existsSync(join(from, name)))
      await rename(join(from, name), join(to, name)).catch(async error => {
        throw await writeFailure(error, join(to, name), 0)
      })
}

async function eraseEntries(from: string): Promise<void> {
  for (const name of libraryEntries)
    await rm(join(from, name), { recursive: true, force: true }).catch(async error => {
      throw await writeFailure(error, join(from, name), 0)
    })
}

/** Whether renaming is enough to get from one to the other. */
export async function onSameDisk(from: string, to: string): Promise<boolean> {
  const existing = async (path: string): Promise<number> =>
    stat(path).then(
      ({ dev }) => dev,
      error => {
        if (dirname(path) === path) throw error
        return existing(dirname(path))
      }
    )
  return (await existing(from)) === (await existing(to))
}
