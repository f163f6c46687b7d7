/** The preload tells the paths of files that a person dropped or picked; the page gets ids for them. */
import type { IpcMain } from 'electron'
import { isAbsolute } from 'node:path'
import { z } from 'zod'
import type { Reply } from '../../contract/host'
import type { Grants } from '../host/grants'
import { isOurPage } from '../host/serve-ipc'
import { origin } from './before-ready'

const Paths = z.array(z.string().refine(path => path === '' || isAbsolute(path))).max(100_000)

/** `given` hears of the paths. What has none (an attachment of a mail, a picture of another page) gets null: the page sends it. */
export function serveGrants(
  ipc: Pick<IpcMain, 'handle'>,
  grants: Grants,
  given: (paths: readonly string[]) => void
): void {
  ipc.handle('grant', (event, paths: unknown): Reply => {
    if (!isOurPage(event, origin)) return refusal('Only the app’s own page may name files.')
    const parsed = Paths.safeParse(paths)
    if (!parsed.success) return refusal('Paths of files on this computer were expected.')
    given(parsed.data.filter(path => path !== ''))
    return { ok: true, value: parsed.data.map(path => (path === '' ? null : grants.give(path))) }
  })
}

const refusal = (message: string): Reply => ({ ok: false, code: 'bad-request', message })
