/** What a model's folder says about itself in `readonce.json`; docs/models.md describes the file. */

/** `name`, `number` and `date` are asked for as they stand in a text; `summary` is about all of it. */
export const questionKinds = ['name', 'number', 'date', 'summary'] as const
export type QuestionKind = (typeof questionKinds)[number]

export interface ModelCard {
  /** What people call it, where it comes with the program; otherwise its folder's name counts. */
  readonly name?: string
  /** Of two models that come with the program the one with the higher rank answers better. Absent: 0. */
  readonly rank?: number
  /** What the model can and cannot do, in one sentence, by language; English is always there. */
  readonly description: Readonly<Record<string, string>> & { readonly en: string }
  /** Kinds of questions that it answers. */
  readonly answers: readonly QuestionKind[]
  /** ISO 639-1 codes of the texts for which that was seen. */
  readonly languages: readonly string[]
  /** Certainty, 0 to 1, below which its answers were more often wrong than right; absent: nobody measured it. */
  readonly border?: number
}

/** In this language, or in English. `language` may name a region: "de-AT". */
export const descriptionIn = ({ description }: ModelCard, language: string): string =>
  description[language] ?? description[language.split('-', 1)[0]] ?? description.en
