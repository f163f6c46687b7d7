/**
 * Models that come with the program are called after their folders. The one that was alone at first keeps the id that
 * documents, settings and made weights on people's disks know it by.
 */
const first = { folder: 'small', id: 'embedded' } as const

/** `folder`: of the model, inside assets/models. */
export const embeddedId = (folder: string): string =>
  folder === first.folder ? first.id : `${first.id}:${folder}`

/** Setting `defaultModel`: none was chosen, and the program chooses among the models that came with it. */
export const chosenByProgram = first.id

/**
 * What the setting `defaultModel` says of a model that was chosen. As a setting, `embedded` stands on every disk where
 * nobody chose anything.
 */
export const settingOf = (modelId: string): string =>
  modelId === first.id ? `${first.id}:${first.folder}` : modelId

/** The model that such a setting means. */
export const chosenBySetting = (setting: string): string | undefined =>
  setting === chosenByProgram ? undefined : setting === settingOf(first.id) ? first.id : setting
