/** The model that answers for a document. */
import type { ModelInfo } from '../../../contract/host'
import { modelOf } from '../../flows/model-choice'
import { useDocuments } from '../../store/documents'
import { useEngine } from '../../store/engine'
import { useSettings } from '../../store/settings'

export function useModelFor(documentId: string): ModelInfo | undefined {
  const models = useEngine(({ models }) => models)
  useEngine(({ adapter }) => adapter)
  useSettings(({ defaultModel }) => defaultModel)
  const document = useDocuments(({ documents }) => documents[documentId])
  const id = modelOf(document)
  return models.find(model => model.id === id)
}
