/** Two models as if they had come with the program, of different shapes; "base" is told to answer better. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeTinyModel } from './tiny-model'

/** Writes `folder`/small and `folder`/base. */
export async function writeTwoModels(folder: string): Promise<void> {
  await writeTinyModel(join(folder, 'small'), 'official-window', { seed: 1 })
  await writeTinyModel(join(folder, 'base'), 'fla-window', { seed: 2 })
  for (const [name, rank] of Object.entries({ small: 1, base: 2 })) {
    const description = { en: `What ${name} can do.`, de: `Was ${name} kann.` }
    const card = { name: `readonce-${name}`, rank, description, answers: ['name'], border: 0.5 }
    writeFileSync(join(folder, name, 'readonce.json'), JSON.stringify(card))
  }
}
