/** The sentences of contract/failure-words.ts in German. */
import { checkpoints } from './checkpoints'
import { failuresOfFiles } from './failures-of-files'
import { failuresOfLibrary } from './failures-of-library'
import { failuresOfModels } from './failures-of-models'
import { fileKindWords } from './file-kind-words'

export const failures = {
  ...checkpoints,
  ...failuresOfFiles,
  ...failuresOfLibrary,
  ...failuresOfModels,
  ...fileKindWords
}
