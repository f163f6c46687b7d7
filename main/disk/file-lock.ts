/**
 * One writer at a time, across processes. A lock is a small file that names its holder; it is made
 * with link(2), which fails if the name exists, so that the file is never seen half written. The lock of
 * a process that died is taken over: nobody should have to delete a file after a crash.
 */
import { createHash, randomUUID } from 'node:crypto'
import { readFileSync, unlinkSync } from 'node:fs'
import { link, readFile, stat, unlink, writeFile } from 'node:fs/promises'
import { hostname, uptime } from 'node:os'
import { z } from 'zod'
import { failureSaying, HostFailure } from '../../contract/failure'
import type { Said } from '../../contract/failure-words'
import { codeOf, writeFailure } from './io-failure'

const Holder = z.object({
  pid: z.number().int().positive(),
  /** Start time in clock ticks since boot, where /proc tells it: a pid alone may have been given again. */
  started: z.string().optional(),
  host: z.string(),
  /** Milliseconds since 1970. */
  since: z.number(),
  /** Tells two locks of one process apart. */
  token: z.string()
})
type Holder = z.infer<typeof Holder>

/** Rejects with `in-use` when another living holder has it. Returns the way to let go. */
export async function takeLock(path: string, what: Said | string): Promise<() => Promise<void>> {
  const me: Holder = {
    pid: process.pid,
    started: startOf(process.pid),
    host: hostname(),
    since: Date.now(),
    token: randomUUID()
  }
  const content = JSON.stringify(me)
  // Each round either takes the lock, finds a living holder, or removes a dead one. Several rounds are only seen
  // when several processes start at once.
  for (let round = 0; round < 20; round++) {
    if (await create(path, content)) return () => release(path, content)
    const found = await readFile(path, 'utf8').catch(() => undefined)
    if (found === undefined) continue
    const holder = parse(found)
    if (holder && isAlive(holder)) throw inUse(what, path, holder)
    await remove(path, found)
  }
  throw failureSaying('in-use', 'lockedOften', { what })
}

async function create(path: string, content: string): Promise<boolean> {
  const beside = `${path}.${randomUUID().slice(0, 8)}.tmp`
  try {
    await writeFile(beside, content, { flag: 'wx', mode: 0o600 })
    try {
      await link(beside, path)
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false
      // FAT and some network disks have no hard links. There the file may be seen empty for an instant.
      await writeFile(path, content, { flag: 'wx', mode: 0o600 })
    }
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    throw await writeFailure(error, path, content.length)
  } finally {
    await unlink(beside).catch(() => undefined)
  }
}

// Between judging a lock dead and removing it, another process may have taken it over; removing then would take a living
// lock away. So who removes a dead lock first makes a guard named after that lock's content: while the guard
// stands nobody else removes it, and what is found unchanged under the guard is still the dead one.
async function remove(path: string, judged: string): Promise<void> {
  const guard = `${path}.${createHash('sha256').update(judged).digest('hex').slice(0, 12)}.taking`
  try {
    await writeFile(guard, '', { flag: 'wx', mode: 0o600 })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw await writeFailure(error, path, 0)
    // It stands for less than a millisecond, unless its maker was killed just then.
    const age = await stat(guard).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0
    )
    if (age > 10_000) await unlink(guard).catch(() => undefined)
    await new Promise(resolve => setTimeout(resolve, 5))
    return
  }
  try {
    if (readFileSync(path, 'utf8') === judged) unlinkSync(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw await writeFailure(error, path, 0)
  } finally {
    await unlink(guard).catch(() => undefined)
  }
}

async function release(path: string, content: string): Promise<void> {
  const found = await readFile(path, 'utf8').catch(() => undefined)
  if (found === content) await unlink(path).catch(() => undefined)
}

function parse(text: string): Holder | undefined {
  try {
    return Holder.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

function isAlive(holder: Holder): boolean {
  // The processes of another computer, on a shared disk, cannot be seen from here: believe the file.
  if (holder.host !== hostname()) return true
  if (holder.since < Date.now() - uptime() * 1000 - 60_000) return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    if (codeOf(error) !== 'EPERM') return false
  }
  return holder.started === undefined || holder.started === (startOf(holder.pid) ?? holder.started)
}

/** Undefined where there is no /proc; empty for a process that ended and was not yet collected. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the program's name in parentheses and may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? '' : fields[19]
  } catch {
    return undefined
  }
}

function inUse(what: Said | string, path: string, holder: Holder): HostFailure {
  const word =
    holder.host !== hostname() ? 'lockedElsewhere' : holder.pid === process.pid ? 'lockedHere' : 'lockedBy'
  return failureSaying('in-use', word, { what, process: String(holder.pid), computer: holder.host, path })
}

/** For changes that take milliseconds: waits for its turn, up to five seconds, and lets go afterwards. */
export async function whileLocked<T>(path: string, what: Said | string, work: () => Promise<T>): Promise<T> {
  const until = Date.now() + 5000
  for (;;) {
    const release = await takeLock(path, what).catch((error: unknown) => {
      if (error instanceof HostFailure && error.code === 'in-use' && Date.now() < until) return undefined
      throw error
    })
    if (release) return await work().finally(release)
    await new Promise(resolve => setTimeout(resolve, 5 + Math.random() * 20))
  }
}
