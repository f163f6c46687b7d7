/** `readonce documents`: lists what was read, with which model, and the room that it takes. */
import { formatBytes } from '../../disk/disk-space'
import { libraryOf } from '../open'
import type { Command } from '../options'
import { grouped, Output } from '../output'

export const documents: Command = {
  usage: 'documents',
  about: 'what was read, with which model, and what it takes on disk',
  arity: [0, 0],
  async run(call) {
    const output = new Output(call.json)
    const library = await libraryOf(call)
    const list = await library.list()
    for (const problem of library.problems) output.note(problem)
    if (list.length === 0) output.say('Nothing has been read yet. Try: readonce ask FILE "QUESTION"\n')
    for (const document of list) {
      output.record({ type: 'document', ...document })
      output.say(`${document.id}  ${document.name}  ${formatBytes(document.size)}\n`)
      for (const reading of Object.values(document.readings)) {
        const read =
          reading.state === 'complete'
            ? 'read'
            : `${Math.floor((reading.read / Math.max(1, reading.tokens)) * 100)}% read`
        output.say(
          `    ${read} with ${reading.modelName}: ${grouped(reading.tokens)} tokens, ${formatBytes(reading.pageFileBytes)} on disk\n`
        )
      }
    }
  }
}
