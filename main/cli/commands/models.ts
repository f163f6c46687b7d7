/** `readonce models`: lists the models on this computer. */
import { formatBytes } from '../../disk/disk-space'
import { ownModels, shortName } from '../chosen-model'
import { libraryOf } from '../open'
import type { Command } from '../options'
import { Output } from '../output'

export const models: Command = {
  usage: 'models',
  about: 'models on this computer',
  arity: [0, 0],
  async run(call) {
    const output = new Output(call.json)
    const embedded = await ownModels()
    for (const model of await (await libraryOf(call)).listModels(embedded)) {
      const several = embedded.length > 1 ? `, --model ${shortName(model)}` : ''
      output.record({ type: 'model', ...model })
      output.say(
        `${model.name}${model.embedded ? ` (embedded${several})` : ''}  ${formatBytes(model.bytes)}  ${model.folder}\n`
      )
      if (model.card) output.say(`    ${model.card.description.en}\n`)
      if (model.cardProblem !== undefined) output.note(model.cardProblem)
    }
  }
}
