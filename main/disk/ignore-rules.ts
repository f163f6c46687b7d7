/** Which files of a folder a person means: not what .gitignore leaves out, nor what a tool keeps beside them. */
import ignore from 'ignore'

type Matcher = ReturnType<typeof ignore>

/** Paths are relative, with "/"; a folder's ends in "/". */
export class IgnoreRules {
  /** By the folder that a .gitignore lies in; "" is the top. */
  private readonly matchers = new Map<string, Matcher>()
  private readonly folders = new Map<string, boolean>([['', false]])

  /** `folder` is "" or ends in "/". */
  add(folder: string, gitignore: string): void {
    this.matchers.set(folder, ignore({ allowRelativePaths: true }).add(gitignore))
  }

  /** To be asked when the rules of all folders above it are known. What lies in an ignored folder cannot be taken back. */
  isIgnored(path: string): boolean {
    const end = path.lastIndexOf('/', path.length - 2) + 1
    const folder = path.slice(0, end)
    let ignored = this.folders.get(folder)
    if (ignored === undefined) this.folders.set(folder, (ignored = this.isIgnored(folder)))
    return ignored || isHidden(path.slice(end)) || this.matches(path, folder)
  }

  /** The nearest file that says anything decides, as in git. */
  private matches(path: string, folder: string): boolean {
    for (let at = folder; ; at = at.slice(0, at.lastIndexOf('/', at.length - 2) + 1)) {
      const found = this.matchers.get(at)?.test(path.slice(at.length))
      if (found?.ignored) return true
      if (found?.unignored) return false
      if (at === '') return false
    }
  }
}

const isHidden = (name: string) => name.startsWith('.') || name === 'node_modules/' || name === '__MACOSX/'
