/** What stands on the command line, with Chromium's switches among it. */
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

interface StartArguments {
  /** `--library DIR` or `--library=DIR`; undefined: the usual place. Empty where the folder's name is missing. */
  readonly library: string | undefined
  /** Whole paths of files and folders to open. */
  readonly files: readonly string[]
  /** For another start on the same library: everything but the files, which were opened by this one. */
  readonly again: readonly string[]
}

/** `packaged`: false where the first argument that is no switch is the program's folder. */
export function readArguments(argv: readonly string[], packaged: boolean): StartArguments {
  const plain: string[] = []
  const switches: string[] = []
  let library: string | undefined
  const given = argv.slice(1).filter(each => each !== '')
  for (let i = 0; i < given.length; i++) {
    const each = given[i]
    // Chromium knows switches with "=" only and would leave the folder to be opened as a document.
    if (each === '--library') library = given[i + 1]?.startsWith('-') ? '' : (given[++i] ?? '')
    else if (each.startsWith('--library=')) library = each.slice('--library='.length)
    else if (each.startsWith('-')) switches.push(each)
    else plain.push(each)
  }
  const folders = packaged ? [] : plain.splice(0, 1)
  return {
    library,
    files: plain.map(pathOf),
    again: [...folders, ...switches, ...(library ? [`--library=${resolve(library)}`] : [])]
  }
}

/** File managers give addresses to a desktop entry with %U, and the AppImage's has no other. */
function pathOf(given: string): string {
  try {
    if (/^file:\/\//i.test(given)) return fileURLToPath(given)
  } catch {
    // Of another computer, or no address at all: what is not there is told like any other file that is not.
  }
  return resolve(given)
}
