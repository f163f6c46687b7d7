/**
 * The page that leads the browser to the one-time address. What stands on a command line can be read by everybody on the
 * computer, so it names this file, which only its person can read, and which is gone once it was used. Jupyter does the same.
 */
import { randomBytes } from 'node:crypto'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { writeFailure } from '../disk/io-failure'

const named = /^open-[\w-]{16}\.html$/

export interface OpenPage {
  /** "file:///…" */
  readonly address: string
  /** Also after it went already. */
  remove(): Promise<void>
}

/** `to` holds no characters that HTML or a script would take for their own. */
export async function writeOpenPage(folder: string, to: string): Promise<OpenPage> {
  // What a run that was killed left: its addresses lead nowhere.
  for (const name of await readdir(folder).catch((): string[] => []))
    if (named.test(name)) await rm(join(folder, name), { force: true })
  const path = join(folder, `open-${randomBytes(12).toString('base64url')}.html`)
  const page = `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Readonce</title><script>location.replace(${JSON.stringify(to)})</script>\n`
  await writeFile(path, page, { flag: 'wx', mode: 0o600 }).catch(async error => {
    throw await writeFailure(error, path, page.length)
  })
  return { address: pathToFileURL(path).href, remove: () => rm(path, { force: true }) }
}
