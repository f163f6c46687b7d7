/** The contract over Electron's IPC: calls answered for our own page only, news pushed to it. */
import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron'
import { failureInEnglish } from '../../contract/failure'
import type { Reply } from '../../contract/host'
import { answer } from './answer'
import type { MachineHost } from './host'

/** Returns what ends the service. */
export function serveIpc(
  ipc: Pick<IpcMain, 'handle' | 'removeHandler'>,
  host: MachineHost,
  origin: string,
  pages: () => Pick<WebContents, 'send' | 'isDestroyed'>[]
): () => void {
  ipc.handle('call', async (event, name: unknown, args: unknown): Promise<Reply> => {
    if (!isOurPage(event, origin)) {
      const { code, message } = failureInEnglish('bad-request', 'Only the app’s own page may call.')
      return { ok: false, code, message }
    }
    return answer(host.calls, name, args, host.failed)
  })
  const end = host.listen((event, news) => {
    for (const page of pages()) if (!page.isDestroyed()) page.send(`event:${event}`, news)
  })
  return () => {
    end()
    ipc.removeHandler('call')
  }
}

/** The top frame of a window, showing our origin: a frame inside it, or one that has gone elsewhere, is not ours. */
export function isOurPage(event: Pick<IpcMainInvokeEvent, 'senderFrame'>, origin: string): boolean {
  const frame = event.senderFrame
  return frame !== null && frame.parent === null && frame.url.startsWith(`${origin}/`)
}
