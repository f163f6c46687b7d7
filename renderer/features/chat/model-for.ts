/** The model that answers for a document. */
import type { ModelInfo } from '../../../contract/host'
import { useEngine } from '../../store/engine'
import { useDocument, useModelIdOf } from '../library/use-document'

export function useModelFor(documentId: string): ModelInfo | undefined {
  const models = useEngine(({ models }) => models)
  const id = useModelIdOf(useDocument(documentId))
  return models.find(model => model.id === id)
}
