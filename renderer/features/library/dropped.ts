/** What was dropped on the window: files with the folders that they lie in, or the folder of a model. */
import type { Picked } from '../../flows/send-files'
import { looksLikeModel } from '../models/offer'

/** Never text, and often most of a folder. */
const never = new Set(['.git', 'node_modules'])

/**
 * Must be called within the drop event: what was dropped is gone after it. `whole`: folders as they are, for a host that
 * walks them.
 */
export function droppedFiles(data: DataTransfer, whole: boolean): Promise<Picked[]> {
  const files = Array.from(data.files, file => ({ file, path: file.name }))
  if (whole) return Promise.resolve(files)
  const entries = Array.from(data.items).flatMap(item => item.webkitGetAsEntry() ?? [])
  return entries.length > 0 ? Promise.all(entries.map(walk)).then(all => all.flat()) : Promise.resolve(files)
}

/**
 * The files of a model, which is known by the names in its folder; undefined when it is none. Looks one folder deep, so a
 * dropped home folder costs one listing.
 */
export async function droppedModel(entries: readonly FileSystemEntry[]): Promise<Picked[] | undefined> {
  const [only] = entries
  const isFolder = entries.length === 1 && only?.isDirectory
  const listed = isFolder ? await list(only as FileSystemDirectoryEntry) : entries
  const files = listed.filter(isFile)
  // Names first: no file is opened for what is a folder of documents.
  if (!looksLikeModel(files.map(entry => ({ path: pathOf(entry) })))) return undefined
  return (await Promise.all(files.map(opened))).flat()
}

async function walk(entry: FileSystemEntry): Promise<Picked[]> {
  if (never.has(entry.name)) return []
  if (isFile(entry)) return opened(entry)
  const found: Picked[] = []
  for (const each of await list(entry as FileSystemDirectoryEntry)) found.push(...(await walk(each)))
  return found
}

/** None: it went away meanwhile. */
const opened = (entry: FileSystemFileEntry): Promise<Picked[]> =>
  new Promise(resolve =>
    entry.file(
      file => resolve([{ file, path: pathOf(entry) }]),
      () => resolve([])
    )
  )

/** A folder that cannot be listed any more holds nothing. */
async function list(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  // It gives at most a hundred at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>(resolve =>
      reader.readEntries(resolve, () => resolve([]))
    )
    if (some.length === 0) return all
    all.push(...some)
  }
}

const pathOf = ({ fullPath }: FileSystemEntry): string => fullPath.replace(/^\//, '')
const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
