/**
 * `readonce.json` of a model's folder. It is optional and never stops a model: its weights are as good without it, and
 * then nothing is claimed. What was wrong with it is told by name, where the models are listed.
 */
import { sentenceOf } from '../../contract/failure'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type ModelCard, questionKinds } from '../../contract/model-card'
import { codeOf } from './io-failure'

const cardName = 'readonce.json'
/** A description in twenty languages has some 5 kB. */
const most = 64 << 10

/** Stands in lists and in the names of readings' files. */
const Name = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}$/,
    'is no name of up to 60 letters, digits, " ", ".", "_" and "-"'
  )

const Sentence = z.string().trim().min(1).max(300)

/** Fields that are not known are let be: a later version may write more. */
const Card = z.object({
  name: Name.optional(),
  rank: z.number().min(0).max(1000).optional(),
  description: z.union([
    Sentence.transform(en => ({ en })),
    z.record(z.string(), Sentence).refine((by): by is { en: string } => 'en' in by, 'has no "en"')
  ]),
  answers: z.array(z.enum(questionKinds)).default([]),
  languages: z.array(z.string().regex(/^[a-z]{2,3}$/, 'is no language such as "en"')).default(['en']),
  border: z.number().min(0).max(1).optional()
})

type FoundCard = { readonly card?: ModelCard; readonly cardProblem?: string }

export async function readModelCard(folder: string): Promise<FoundCard> {
  const path = join(folder, cardName)
  try {
    const { size } = await stat(path)
    if (size > most) return problem(`it has ${size} bytes, and ${most} are the most`)
    const checked = Card.safeParse(
      JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path)))
    )
    return checked.success
      ? { card: checked.data }
      : problem(z.prettifyError(checked.error).replace(/✖ /g, '').replaceAll('\n', ' ').slice(0, 300))
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? {} : problem(sentenceOf(error))
  }
}

const problem = (what: string): FoundCard => ({
  cardProblem: `${cardName} of this model is not used: ${what}. The model works without it; put the file right, or remove it.`
})
