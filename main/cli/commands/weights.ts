/** `readonce weights OUT`: a model with weights of fewer bits as a folder of its own; so are those made that come with the program. */
import { chmod, copyFile, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { HostFailure } from '../../../contract/failure'
import { ownWeights } from '../../../gpu/index'
import { checkRoom, formatBytes } from '../../disk/disk-space'
import { codeOf, readFailure, writeFailure } from '../../disk/io-failure'
import { openModelFolder } from '../../disk/model-files'
import { writeWeights } from '../../disk/weights-beside'
import { chosenModel } from '../chosen-model'
import { precisionAsked } from '../open'
import { type Command, engineOptions, UsageError } from '../options'
import { Output } from '../output'

export const weights: Command = {
  usage: 'weights OUT --weights int4 [--compact]',
  about: 'the model with weights of that precision, as a model folder of its own',
  arity: [1, 1],
  options: {
    weights: engineOptions.weights,
    compact: {
      type: 'boolean',
      about: 'int4 in longer blocks, and in the embedding, too: 4.6 bits a weight'
    }
  },
  async run(call) {
    const { weights: precision } = precisionAsked(call)
    const isCompact = call.options['compact'] === true
    if (!precision) throw new UsageError('readonce weights needs --weights f16, int8 or int4.')
    if (isCompact && precision !== 'int4') throw new UsageError('--compact goes with --weights int4 only.')
    const [out] = call.args
    await refuseFilled(out)
    const { folder } = await chosenModel(call)
    const model = await openModelFolder(folder)
    try {
      const made = await ownWeights(model, precision, isCompact)
      if (!made)
        throw new HostFailure(
          'bad-request',
          `${folder} has ${precision} weights already. Nothing was written.`
        )
      await mkdir(out, { recursive: true }).catch(async error => {
        throw await writeFailure(error, out, 0)
      })
      await checkRoom(out, made.bytes, 'noRoomToAdd', out)
      const file = join(out, 'model.safetensors')
      await writeWeights(file, made)
      // As the files beside it: whoever packs the program packs it for everybody.
      await chmod(file, 0o644)
      // Neither its own weights nor what was made, or half made, beside them.
      const others = (await model.list()).filter(name => !/\.safetensors(\.|$)/.test(name))
      for (const name of others) await copyFile(join(folder, name), join(out, name))
      const output = new Output(call.json)
      output.record({ type: 'weights', folder: out, precision, bytes: made.bytes })
      output.say(`${out}: ${formatBytes(made.bytes)} of weights (${precision}), and ${others.join(', ')}.\n`)
    } finally {
      await model.close()
    }
  }
}

async function refuseFilled(out: string): Promise<void> {
  const there = await readdir(out).catch(error => {
    if (codeOf(error) === 'ENOENT') return []
    if (codeOf(error) !== 'ENOTDIR') throw readFailure(error, out)
    throw new HostFailure(
      'bad-request',
      `${out} is no folder and cannot become one. Give a folder that is new or empty.`
    )
  })
  if (there.length > 0)
    throw new HostFailure(
      'bad-request',
      `${out} holds ${there.length} files already. Give a folder that is new or empty.`
    )
}
