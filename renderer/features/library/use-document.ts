/** One document's state, as narrow as the stores allow: a row is drawn again only when its own document changes. */
import { useMemo } from 'react'
import type { DocumentInfo } from '../../../contract/document'
import type { ModelInfo } from '../../../contract/host'
import { runName } from '../../../contract/model-key'
import { modelOf } from '../../flows/model-choice'
import { useDocuments } from '../../store/documents'
import { useEngine } from '../../store/engine'
import { useSettings } from '../../store/settings'
import { type DocumentState, stateOf } from './document-state'

export const useDocument = (id: string): DocumentInfo | undefined =>
  useDocuments(({ documents }) => documents[id])

/** Of the model that is chosen for the document, or the default one: drawn again with all that this depends on. */
export function useModelIdOf(document: DocumentInfo | undefined): string {
  useEngine(engine => engine.models)
  useEngine(engine => engine.adapter)
  useSettings(settings => settings.defaultModel)
  return modelOf(document)
}

/** That model, called as it is run. */
export function useModelOf(document: DocumentInfo | undefined): ModelInfo | undefined {
  const models = useEngine(engine => engine.models)
  const id = useModelIdOf(document)
  const model = models.find(model => model.id === id)
  const precision = useSettings(settings => settings.precisions[id])
  return useMemo(() => model && { ...model, name: runName(model.name, precision) }, [model, precision])
}

export function useStateOf(document: DocumentInfo): DocumentState {
  const model = useModelOf(document)
  const activity = useDocuments(store => store.activity[document.id])
  const place = useDocuments(({ queue }) => queue.indexOf(document.id) + 1)
  return stateOf(document, activity, place, model?.name)
}
