/**
 * The child of page-file's tests: goes on with a page file and appends until it is killed, or until the disk
 * is full, or only holds it open. What it writes follows from the record's number, so that a reader can check it.
 */
import { existsSync, statSync } from 'node:fs'
import { PageFile } from '../page-file'
import { checkpointOf, identity, pageOf } from './pages-of'

const [path, task] = process.argv.slice(2) as [string, string]
// Without a listener the limit of `ulimit -f` would kill the process instead of failing the write.
process.on('SIGXFSZ', () => undefined)

const pages = new PageFile(path)
const checkpoints = ['.checkpoint', '.checkpoint.new'].map(end => path.replace('.pages', end))
const recordsEnd = ({ bytes }: PageFile) =>
  checkpoints.reduce((rest, mark) => rest - (existsSync(mark) ? statSync(mark).size : 0), bytes)
const saved = await pages.open(identity)
if (saved.state === 'absent') await pages.begin(identity)
let next = 'records' in saved ? saved.records.length : 0
console.log(`start ${next}`)
if (task === 'hold') setInterval(() => undefined, 1000)
else {
  try {
    for (; ; next++) {
      const page = pageOf(next)
      await pages.append('page', page.subarray(0, 100), page.subarray(100))
      if (next % 3 === 2) await pages.keepCheckpoint(checkpointOf(next + 1))
      if (next % 5 === 0) console.log(`kept ${next}`)
    }
  } catch (error) {
    const size = statSync(path).size
    const kept = recordsEnd(pages)
    console.log(size === kept ? 'cut back' : `torn: ${size} bytes, ${kept} are whole`)
    console.log(`failed ${(error as { code: string }).code}: ${(error as Error).message}`)
    await pages.cut(next - 1)
    await pages.append('page', pageOf(next - 1))
    await pages.close()
    console.log(`left ${next}`)
  }
}
