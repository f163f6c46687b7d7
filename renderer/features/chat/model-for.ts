/** The model that answers for a document. */
import type { ModelInfo } from '../../../contract/host'
import { modelOf } from '../../flows/running-engine'
import { useDocuments } from '../../store/documents'
import { useEngine } from '../../store/engine'
import { useSettings } from '../../store/settings'

export function useModelFor(documentId: string): ModelInfo | undefined {
  const models = useEngine(({ models }) => models)
  useSettings(({ defaultModel }) => defaultModel)
  const chosen = useDocuments(({ documents }) => documents[documentId]?.modelId)
  const id = modelOf({ modelId: chosen })
  return models.find(model => model.id === id)
}
