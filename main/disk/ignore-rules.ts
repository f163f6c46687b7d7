/** Which files of a folder a person means: not what .gitignore leaves out, nor what a tool keeps beside them. */
import ignore from 'ignore'

/** Paths are relative, with "/"; a folder's ends in "/". */
export class IgnoreRules {
  // One list for all .gitignore files: among rules that apply, the last one decides, and a deeper file's come later.
  private readonly rules = ignore({ allowRelativePaths: true })
  private readonly folders = new Map<string, boolean>([['', false]])

  /** `folder` holds the .gitignore and is "" or ends in "/"; to be added before those below it. */
  add(folder: string, gitignore: string): void {
    this.rules.add(gitignore.split(/\r?\n/).map(line => below(folder, line)))
  }

  /** To be asked when the rules of all folders above it are known. What lies in an ignored folder cannot be taken back. */
  isIgnored(path: string): boolean {
    const end = path.lastIndexOf('/', path.length - 2) + 1
    const folder = path.slice(0, end)
    let ignored = this.folders.get(folder)
    if (ignored === undefined) this.folders.set(folder, (ignored = this.isIgnored(folder)))
    return ignored || isHidden(path.slice(end)) || this.rules.ignores(path)
  }
}

const isHidden = (name: string) => name.startsWith('.') || name === 'node_modules/' || name === '__MACOSX/'

/** A line of a .gitignore in `folder` as the top's .gitignore would say it. */
function below(folder: string, line: string): string {
  if (folder === '' || line.trim() === '' || line.startsWith('#')) return line
  const not = line.startsWith('!') ? '!' : ''
  const pattern = line.slice(not.length)
  // A "/" at the start or within ties a pattern to its folder.
  const isTied = /\/./.test(pattern.trimEnd())
  const place = folder.replace(/[\\*?[\]]/g, '\\$&')
  return `${not}/${place}${isTied ? '' : '**/'}${pattern.replace(/^\//, '')}`
}
