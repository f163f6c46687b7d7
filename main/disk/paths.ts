/**
 * Where things lie on this computer. This is the only file that joins user-data paths, so that what
 * a library consists of, and what has to vanish with a document, can be seen in one place.
 *
 *   <data folder>/
 *     location.json                   where the library was moved to; nothing else of ours is here then
 *     settings.json                   what a person set
 *     digests.json                    SHA-256 of model files, by size and time
 *     speeds.json                     how fast this computer read, by model and adapter
 *     logs/log.jsonl, log.1.jsonl     starts, failures, evictions
 *     incoming/<run>/<drop>/          files sent by a page and not yet taken in; gone when the run is over
 *     trash/<id>/                     what a person took away, for some minutes; entry.json says what it is
 *     models/<name>/                  installed models
 *     documents/<id>/document.json    what is known of a document
 *                    text.txt         its text, UTF-8
 *                    outline.json     headings and printed pages of the text
 *                    <key>.pages      what was read of it with one model; beside it <key>.checkpoint, .checkpoint.new, .lock
 *                    chats/<id>.json  conversations
 *                    view.json        where a person left its text, and the plan that waits for a word
 */
import { homedir } from 'node:os'
import { join, posix, win32 } from 'node:path'
import { failureInEnglish } from '../../contract/failure'
import type { FailureWord, Said } from '../../contract/failure-words'

export { modelKey } from '../../contract/model-key'

/** The data folder: `override` (`--library DIR`) as it is, else the platform's convention. */
export function dataFolder(
  override?: string,
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir()
): string {
  if (override !== undefined) {
    if (override === '')
      throw failureInEnglish('bad-request', 'The library folder is an empty name; give the path of a folder.')
    return override
  }
  // Not the roaming profile, which is copied at every log-off in companies.
  if (platform === 'win32')
    return win32.join(env['LOCALAPPDATA'] || win32.join(home, 'AppData', 'Local'), 'Readonce')
  if (platform === 'darwin') return posix.join(home, 'Library', 'Application Support', 'Readonce')
  // The XDG specification tells programs to ignore a relative XDG_DATA_HOME.
  const xdg = env['XDG_DATA_HOME']
  return posix.join(xdg?.startsWith('/') ? xdg : posix.join(home, '.local', 'share'), 'readonce')
}

/** Where the data folder was before; undefined where it never changed. */
export function formerDataFolder(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string = homedir()
): string | undefined {
  if (platform !== 'win32') return undefined
  return win32.join(env['APPDATA'] || win32.join(home, 'AppData', 'Roaming'), 'Readonce')
}

/** All that a library may consist of. On two platforms Chromium keeps its profile in the same folder, which is not ours to move. */
export const libraryEntries = [
  'documents',
  'models',
  'incoming',
  'trash',
  'logs',
  'digests.json',
  'speeds.json',
  'settings.json'
] as const

export const locationFile = (home: string) => join(home, 'location.json')
export const settingsFile = (library: string) => join(library, 'settings.json')
export const logsFolder = (library: string) => join(library, 'logs')
export const incomingFolder = (library: string) => join(library, 'incoming')
export const trashFolder = (library: string) => join(library, 'trash')
export const trashEntryFolder = (library: string, id: string) => join(trashFolder(library), plainName(id))
export const trashEntryFile = (library: string, id: string) =>
  join(trashEntryFolder(library, id), 'entry.json')
export const documentsFolder = (library: string) => join(library, 'documents')
export const modelsFolder = (library: string) => join(library, 'models')
/** Weights that were made of a model that came with the program, whose own folder is not ours to write in. */
export const embeddedWeightsFolder = (library: string, id: string) =>
  join(modelsFolder(library), `.made-${id.replaceAll(':', '-')}`)
export const speedsFile = (library: string) => join(library, 'speeds.json')
export const digestsFile = (library: string) => join(library, 'digests.json')

/** A document's folder holds all of its traces and nothing else. */
export const documentFolder = (library: string, id: string) => join(documentsFolder(library), plainName(id))
export const documentFile = (library: string, id: string) =>
  join(documentFolder(library, id), 'document.json')
export const documentLock = (library: string, id: string) =>
  join(documentFolder(library, id), 'document.lock')
export const textFile = (library: string, id: string) => join(documentFolder(library, id), 'text.txt')
export const outlineFile = (library: string, id: string) => join(documentFolder(library, id), 'outline.json')
export const viewFile = (library: string, id: string) => join(documentFolder(library, id), 'view.json')
export const chatsFolder = (library: string, id: string) => join(documentFolder(library, id), 'chats')
export const chatFile = (library: string, id: string, chat: string) =>
  join(chatsFolder(library, id), `${plainName(chat)}.json`)

/** Where a document's reading with one model is kept. */
export const pagesLocation = (library: string, id: string, modelKey: string) =>
  join(documentFolder(library, id), `${plainName(modelKey)}.pages`)

const withoutEnd = (pages: string) => pages.replace(/\.pages$/, '')

/** The files that belong to a page file. */
export const checkpointFile = (pages: string) => withoutEnd(pages) + '.checkpoint'
export const unflushedCheckpointFile = (pages: string) => `${checkpointFile(pages)}.new`
export const lockFile = (pages: string) => withoutEnd(pages) + '.lock'

/** What versions before 28 November 2026 called the two, with the name that each has now. */
export const earlierCheckpointFiles = (pages: string) =>
  [
    [withoutEnd(pages) + '.bookmark', checkpointFile(pages)],
    [withoutEnd(pages) + '.place', unflushedCheckpointFile(pages)]
  ] as const

/** All files that a reading may consist of, besides its lock. */
export const readingFiles = (pages: string) => {
  const checkpoints = [...earlierCheckpointFiles(pages).flat()]
  return [pages, `${pages}.new`, ...checkpoints, ...checkpoints.map(path => `${path}.tmp`)]
}

const own = (name: FailureWord, values: Said['values'] = {}): Said => ({ name, values })

/**
 * How a file is called to people: one inside the library by what it holds, since neither its folder nor the ids in its
 * path mean anything to them; any other by its path, which they know.
 */
export function calledOf(path: string): string | Said {
  const parts = path.split(/[\\/]/)
  const after = (folder: string, name: RegExp): string[] | undefined => {
    const at = parts.findLastIndex((part, i) => part === folder && name.test(parts[i + 1] ?? ''))
    return at < 0 ? undefined : parts.slice(at + 2)
  }
  const [file] = after('documents', /^[0-9a-f]{16}$/) ?? []
  if (file !== undefined) {
    if (file.startsWith('text.txt')) return own('ownText')
    if (file.startsWith('chats')) return own('ownChat')
    return /^(document|outline)\b/.test(file) ? own('ownRecord') : own('ownReading')
  }
  // Behind the run and the drop stands the path as it was sent.
  const sent = after('incoming', /^run-/)
  if (sent !== undefined) return sent.slice(1).join('/') || own('ownSent')
  return path
}

/** The same of a file that this program writes: all of them are the library's. */
export function calledOwn(path: string): string | Said {
  const called = calledOf(path)
  if (called !== path) return called
  const names: Record<string, FailureWord> = {
    'settings.json': 'ownSettings',
    'digests.json': 'ownDigests',
    'speeds.json': 'ownSpeeds',
    'location.json': 'ownLocation'
  }
  const parts = path.split(/[\\/]/)
  const name = parts.at(-1) ?? ''
  if (names[name]) return own(names[name])
  return parts.at(-2) === 'models' ? own('ownModel', { name }) : own('ownLibrary')
}

// Names that reach a path come from ids, keys and command lines: none may leave its folder.
function plainName(name: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(name) && !name.endsWith('.')) return name
  throw failureInEnglish(
    'bad-request',
    `${JSON.stringify(name.slice(0, 80))} is not an id: letters, digits, ".", "_" and "-" are allowed.`
  )
}
