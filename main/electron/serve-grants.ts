/** The preload tells the paths of files that a person dropped or picked; the page gets ids for them. */
import type { IpcMain } from 'electron'
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import type { Grants } from '../host/grants'
import { isOurPage } from '../host/serve-ipc'
import { origin } from './before-ready'

const Paths = z.array(z.string().refine(isAbsolute)).max(100_000)

/** `given` hears of the paths. A file without a path (made by the page itself) is refused. */
export function serveGrants(
  ipc: Pick<IpcMain, 'handle'>,
  grants: Grants,
  given: (paths: readonly string[]) => void
): void {
  ipc.handle('grant', (event, paths: unknown): string[] => {
    if (!isOurPage(event, origin)) throw new Error('Only the app’s own page may name files.')
    const parsed = Paths.safeParse(paths)
    if (!parsed.success) throw new Error('Paths of files on this computer were expected.')
    given(parsed.data)
    return parsed.data.map(path => grants.give(path))
  })
}
