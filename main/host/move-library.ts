/** The library goes to another folder, as a whole or not at all. */
import { readdir, realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { failureSaying } from '../../contract/failure'
import { checkRoom } from '../disk/disk-space'
import { takeLock } from '../disk/file-lock'
import { readFailure } from '../disk/io-failure'
import { type Library, openLibrary } from '../disk/library'
import { moveEntries, onSameDisk } from '../disk/location'
import { documentsFolder, libraryEntries } from '../disk/paths'

/** Nothing may use the library meanwhile: the caller sees to that for this program, the locks tell of others. */
export async function moveLibrary(library: Library, path: string): Promise<Library> {
  const { folder, home } = library
  if (!isAbsolute(path))
    throw failureSaying('bad-request', 'moveRelative', { path: JSON.stringify(path.slice(0, 200)) })
  const to = resolve(path)
  const [real, target] = await Promise.all([realpath(folder), realOf(to)])
  if (target === real) throw failureSaying('bad-request', 'moveHere', { folder: to })
  if (inside(target, real) || inside(real, target))
    throw failureSaying('bad-request', 'moveInside', { to, folder })
  await checkEmpty(to, target === (await realOf(home)))
  await checkUnused(library)
  if (!(await onSameDisk(folder, to))) await checkRoom(to, await library.bytes(), 'noRoomToMove')
  await moveEntries(home, folder, to)
  return openLibrary(to, home)
}

/** What came back to the home folder may find there what is not ours: Chromium's profile, on two platforms. */
async function checkEmpty(folder: string, isHome: boolean): Promise<void> {
  const found = await stat(folder).catch(() => undefined)
  if (!found) return
  if (!found.isDirectory()) throw failureSaying('bad-request', 'moveToFile', { folder })
  const names = await readdir(folder).catch(error => {
    throw readFailure(error, folder)
  })
  const inTheWay = isHome ? names.filter(name => libraryEntries.some(entry => entry === name)) : names
  if (inTheWay.length > 0)
    throw failureSaying('bad-request', 'moveNotEmpty', {
      folder,
      names: `${inTheWay.slice(0, 3).join(', ')}${inTheWay.length > 3 ? ' …' : ''}`
    })
}

/** Takes each lock for an instant; one that another living program holds rejects with `in-use`. */
async function checkUnused(library: Library): Promise<void> {
  const names = await readdir(documentsFolder(library.folder), { recursive: true })
  for (const name of names.filter(each => each.endsWith('.lock'))) {
    const release = await takeLock(join(documentsFolder(library.folder), name), {
      name: 'ownSomeDocument',
      values: {}
    })
    await release()
  }
}

const inside = (path: string, folder: string) => {
  const way = relative(folder, path)
  return way !== '' && !way.startsWith('..') && !isAbsolute(way)
}

/** With links resolved, as far as the path is there. */
async function realOf(path: string): Promise<string> {
  return realpath(path).catch(async (error: unknown) => {
    if (dirname(path) === path) throw error
    return join(await realOf(dirname(path)), relative(dirname(path), path))
  })
}
