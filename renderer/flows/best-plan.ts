/** The plan of a document with the model that reads it by default, where the program may choose among several. */
import type { DocumentInfo } from '../../contract/document'
import type { Host } from '../../contract/host'
import { type Plan, putDocument } from '../store/documents'
import { useEngine } from '../store/engine'
import { chosenAmong, embeddedModels, isOpenChoice, modelOf } from './model-choice'
import { isReadable, readingOf, type ReadingPlans } from './plan-reading'
import type { RunningEngine } from './running-engine'

export class BestPlans {
  constructor(
    private readonly host: () => Host,
    private readonly engine: RunningEngine,
    private readonly plans: ReadingPlans
  ) {}

  /**
   * Undefined: it is read, or the signal said that nobody wants the plan any more. A document that nobody chose a model for
   * keeps the one that is chosen here.
   */
  async planFor(info: DocumentInfo, signal: AbortSignal): Promise<Plan | undefined> {
    if (!isOpenChoice(info)) return this.planWith(info, modelOf(info))
    const first = firstPlanned(info)
    const plan = await this.planWith(info, first)
    const isTooLarge = plan !== undefined && !isReadable(plan)
    // Where there is no room for the reading of one, the quickest is also the smallest.
    const wanted =
      (isTooLarge ? embeddedModels().at(-1)?.id : plan?.offers && chosenAmong(plan.offers)?.modelId) ?? first
    // What cannot be loaded here reads nothing by default.
    const other =
      wanted === first || signal.aborted
        ? undefined
        : await this.planWith(info, wanted).catch(() => undefined)
    // What was chosen meanwhile stands.
    if (signal.aborted) return undefined
    // What was estimated is measured now, and may take too long after all, or more room than there is.
    const isBetter =
      other?.offers && (isTooLarge || chosenAmong(other.offers)?.modelId === wanted) && isReadable(other)
    await this.useModel(info.id, isBetter ? wanted : first)
    return isBetter ? other : plan && { ...plan, ...(other?.offers && { offers: other.offers }) }
  }

  async useModel(id: string, modelId: string): Promise<void> {
    putDocument(await this.host().updateDocument(id, { modelId }))
  }

  private async planWith(info: DocumentInfo, modelId: string): Promise<Plan | undefined> {
    const { engine, release } = await this.engine.take(modelId, 'other')
    const isRead = readingOf(info, engine.modelKey)?.state === 'complete'
    return (isRead ? Promise.resolve(undefined) : this.plans.planFor(info, engine)).finally(release)
  }
}

/** The model that is loaded, where it is one of those that may read it: its plan costs nothing but a moment. */
function firstPlanned(info: DocumentInfo): string {
  const { models, modelId, adapter } = useEngine.getState()
  const loaded = models.find(({ id, embedded }) => embedded && id === modelId)
  return adapter?.software !== false && loaded ? loaded.id : modelOf(info)
}
