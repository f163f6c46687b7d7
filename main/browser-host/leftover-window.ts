/**
 * The window of a host that was killed. A second browser on the same profile would hand its address over to the one that
 * still runs and end at once, and with it, as when a person closes the window, the new host.
 */
import { execFile } from 'node:child_process'
import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** It saves nothing: all that is read and said lies in the library. ms. */
const most = 3000

/** To be called by the library's only host. Ends the browser of this profile, and no other program; never rejects. */
export async function closeLeftover(profile: string): Promise<void> {
  // Chromium's own lock, on all systems but Windows: a link to "computer-process".
  const lock = await readlink(join(profile, 'SingletonLock')).catch(() => '')
  const at = lock.lastIndexOf('-')
  const pid = Number(lock.slice(at + 1))
  if (at < 0 || lock.slice(0, at) !== hostname() || !(Number.isInteger(pid) && pid > 1)) return
  // The number may have gone to another program meanwhile.
  if (!(await commandOf(pid)).includes(`--user-data-dir=${profile}`)) return
  const until = Date.now() + most
  end(pid, 'SIGTERM')
  while (end(pid, 0) && Date.now() < until) await new Promise(resolve => setTimeout(resolve, 50))
  end(pid, 'SIGKILL')
}

/** Its command line; empty where there is no such process. */
async function commandOf(pid: number): Promise<string> {
  // Where letters beyond ASCII are none in the person's locale, `ps` writes others in their place.
  const asItIs = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  if (asItIs !== '') return asItIs
  const told = await promisify(execFile)('ps', ['-ww', '-o', 'args=', '-p', String(pid)]).catch(
    () => undefined
  )
  return told?.stdout ?? ''
}

/** False: it is gone. */
function end(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}
