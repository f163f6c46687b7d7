/**
 * settings.json: what differs from nothing is checked field by field, so that one value that a later version or a hand
 * wrote costs only itself. What cannot be understood at all is put aside and told.
 */
import { inEnglish } from '../../contract/failure-words'
import { z } from 'zod'
import { defaultSettings, type Settings } from '../../contract/settings'
import { readJson, writeJson } from './json-file'
import { settingsFile } from './paths'

const between = (least: number, most: number) =>
  z.number().min(least, `${least} is the least`).max(most, `${most} is the most`)
const whole = (least: number, most: number) => between(least, most).int('a whole number is expected')
const short = z.string().max(200)

const sampling = {
  temperature: between(0, 5),
  topK: whole(0, 1_000_000),
  topP: between(0, 1),
  repetitionPenalty: between(0.1, 10),
  seed: whole(0, 4_294_967_295)
}
const ModelPrecision = z.strictObject({
  weights: z.enum(['f16', 'int8', 'int4']).optional(),
  pages: z.enum(['f32', 'f16', 'int8']).optional()
})
const fields = {
  theme: z.enum(['system', 'light', 'dark']),
  fontSize: between(10, 32),
  language: z.enum(['system', 'en', 'de']),
  librarySort: z.enum(['date', 'name', 'size']),
  diskBudget: whole(0, 1e15),
  longestAnswer: whole(1, 100_000),
  contextLimit: whole(0, 1e9),
  keepAwake: z.boolean(),
  notify: z.boolean(),
  defaultModel: short.min(1),
  precisions: z
    .record(z.string().max(300), ModelPrecision)
    .refine(all => Object.keys(all).length <= 1000, 'at most 1000 models'),
  shortcuts: z.record(short, short).refine(all => Object.keys(all).length <= 200, 'at most 200 shortcuts')
}

/** What a page may ask to change. Ranges are told when they are left. */
export const SettingsChange = z.strictObject({ ...fields, sampling: z.strictObject(sampling) }).partial()
export type SettingsChange = z.infer<typeof SettingsChange>

/** Each field alone: what is wrong or unknown costs nothing but itself. */
function repaired(found: Readonly<Record<string, unknown>>): Settings {
  const inner = z.record(z.string(), z.unknown()).safeParse(found['sampling']).data ?? {}
  return {
    ...defaultSettings,
    ...whatIsRight(fields, found),
    sampling: { ...defaultSettings.sampling, ...whatIsRight(sampling, inner) }
  }
}

const whatIsRight = (
  schemas: Readonly<Record<string, z.ZodType>>,
  found: Readonly<Record<string, unknown>>
) =>
  Object.fromEntries(
    Object.entries(schemas).flatMap(([name, schema]) => {
      const { success, data } = schema.safeParse(found[name])
      return success ? [[name, data]] : []
    })
  )

export async function readSettings(library: string, report: (reason: string) => void): Promise<Settings> {
  const found = await readJson(settingsFile(library), z.record(z.string(), z.unknown()))
  if (found.state === 'broken') report(inEnglish(found.reason.name, found.reason.values))
  return found.state === 'whole' ? repaired(found.value) : defaultSettings
}

export async function changeSettings(
  library: string,
  change: SettingsChange,
  report: (reason: string) => void
): Promise<Settings> {
  const before = await readSettings(library, report)
  const settings: Settings = { ...before, ...change }
  await writeJson(settingsFile(library), settings)
  return settings
}

export async function resetSettings(library: string): Promise<Settings> {
  await writeJson(settingsFile(library), defaultSettings)
  return defaultSettings
}
