/** What was dropped on the window, folders included. */
import type { Picked } from './send-files'

/** Never text, and often most of a folder. */
const never = new Set(['.git', 'node_modules'])

/** Must be called within the drop event: what was dropped is gone after it. `whole`: folders as they are, for a host that walks them. */
export function droppedFiles(data: DataTransfer, whole: boolean): Promise<Picked[]> {
  const files = Array.from(data.files, file => ({ file, path: file.name }))
  if (whole) return Promise.resolve(files)
  const entries = Array.from(data.items).flatMap(item => item.webkitGetAsEntry() ?? [])
  return entries.length > 0 ? Promise.all(entries.map(walk)).then(all => all.flat()) : Promise.resolve(files)
}

async function walk(entry: FileSystemEntry): Promise<Picked[]> {
  if (never.has(entry.name)) return []
  if (isFile(entry)) {
    // One that went away meanwhile is not there any more.
    const file = await new Promise<File | undefined>(resolve => entry.file(resolve, () => resolve(undefined)))
    return file ? [{ file, path: entry.fullPath.replace(/^\//, '') }] : []
  }
  const inside: FileSystemEntry[] = []
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  // It gives at most a hundred at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>(resolve =>
      reader.readEntries(resolve, () => resolve([]))
    )
    if (some.length === 0) break
    inside.push(...some)
  }
  const found: Picked[] = []
  for (const each of inside) found.push(...(await walk(each)))
  return found
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
