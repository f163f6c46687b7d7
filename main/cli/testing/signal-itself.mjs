/**
 * Loaded into the command line by `node --import`: does something to its own process at an exact point of its saving. From
 * outside nobody could: between a line that a test reads and a signal that it sends, a fast computer reads on to the end.
 *
 * READONCE_AT is JSON: { pages, writes, signal } or { pages, writes, run }. When `pages` page records were written and then
 * `writes` more writes or flushes of any file, `signal` is raised, or the program `run` is run, "{pid}" in it being
 * this process.
 */
import { execFileSync } from 'node:child_process'
import { open } from 'node:fs/promises'

const { pages = 0, writes = 0, signal, run } = JSON.parse(process.env['READONCE_AT'] ?? '{}')
let [written, after, over] = [0, 0, false]

function look() {
  if (over || written < pages || after++ < writes) return
  over = true
  if (signal) process.kill(process.pid, signal)
  else
    execFileSync(
      run[0],
      run.slice(1).map(each => each.replace('{pid}', `${process.pid}`)),
      { stdio: 'pipe' }
    )
}

// All handles have one prototype; it is reached by one of them alone.
const handle = await open(process.execPath, 'r')
const shared = Object.getPrototypeOf(handle)
await handle.close()
for (const name of ['write', 'writev', 'sync', 'datasync']) {
  const real = shared[name]
  shared[name] = function (...args) {
    look()
    // The header of a page's record (main/disk/page-record.ts).
    if (name === 'writev' && args[0][0]?.toString('latin1', 0, 4) === 'PAGE') written++
    return real.apply(this, args)
  }
}
