/** Which modules of ours a piece of work enters: those with a function of their own that was called, as V8 counts calls. */
import { Session } from 'node:inspector/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(import.meta.dirname, '..', '..')

/** Paths from the root of the repository, in order of name. What a module does when it is loaded does not count. */
export async function modulesEntered(work: () => Promise<void>): Promise<string[]> {
  const session = new Session()
  session.connect()
  try {
    await session.post('Profiler.enable')
    await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
    // Counts begin anew with each taking.
    await session.post('Profiler.takePreciseCoverage')
    await work()
    const { result } = await session.post('Profiler.takePreciseCoverage')
    const entered = result.filter(({ functions }) =>
      functions.some(({ functionName, ranges }) => functionName !== '' && ranges[0]!.count > 0)
    )
    return entered
      .map(({ url }) => relative(root, url.startsWith('file:') ? fileURLToPath(url) : url))
      .filter(path => /^(contract|gpu|main|renderer)\//.test(path) && !/\/testing\/|\.test\.ts/.test(path))
      .sort()
  } finally {
    session.disconnect()
  }
}
