/** `readonce forget`: erases a document with everything that is kept of it. */
import { formatBytes } from '../../disk/disk-space'
import { libraryOf } from '../open'
import type { Command } from '../options'
import { Output } from '../output'

export const forget: Command = {
  usage: 'forget FILE|ID',
  about: 'erase a document with all that was read and said of it; the file itself stays',
  arity: [1, 1],
  async run(call) {
    const output = new Output(call.json)
    const { documents, bytesFreed } = await (await libraryOf(call)).forget(call.args[0])
    output.record({ type: 'forgotten', documents, bytesFreed })
    for (const { name } of documents) output.say(`Forgot ${name}.\n`)
    output.say(`${formatBytes(bytesFreed)} freed.\n`)
  }
}
