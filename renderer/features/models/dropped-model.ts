/** A dropped model folder is recognised by the names in it, in both hosts: a desktop host gets folders as they are, unopened. */
import type { Picked } from '../../flows/add-document'
import { looksLikeModel } from './offer'

/** Its files; undefined when it is no model. Looks one folder deep, so a dropped home folder costs one listing. */
export async function droppedModel(entries: readonly FileSystemEntry[]): Promise<Picked[] | undefined> {
  const [only] = entries
  const isFolder = entries.length === 1 && only?.isDirectory
  const listed = isFolder ? await list(only as FileSystemDirectoryEntry) : entries
  const files = listed.filter((entry): entry is FileSystemFileEntry => entry.isFile)
  const path = ({ fullPath }: FileSystemEntry): string => fullPath.replace(/^\//, '')
  // Names first: no file is opened for what is a folder of documents.
  if (!looksLikeModel(files.map(entry => ({ path: path(entry) })))) return undefined
  const opened = await Promise.all(
    files.map(
      entry =>
        new Promise<Picked | undefined>(resolve =>
          entry.file(
            file => resolve({ file, path: path(entry) }),
            () => resolve(undefined)
          )
        )
    )
  )
  return opened.filter(each => each !== undefined)
}

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
