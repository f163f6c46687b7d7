/** Where a document was left, and the plan of its reading that waits for a word: kept by the host, so that a restart finds them. */
import type { DocumentInfo } from '../../contract/document'
import type { Host } from '../../contract/host'
import { type Plan, setActivity, useDocuments } from '../store/documents'

/** Milliseconds after the last scrolling: a disk need not follow every row. */
const pause = 500

export class KeptViews {
  private readonly waiting = new Map<
    string,
    { readonly place: number; readonly timer: ReturnType<typeof setTimeout> }
  >()

  constructor(private readonly host: () => Host) {}

  /** `place`: UTF-16 offset of the first row in view, so that another width of the window does not move it. */
  keepPlace(id: string, place: number): void {
    clearTimeout(this.waiting.get(id)?.timer)
    this.waiting.set(id, { place, timer: setTimeout(() => void this.send(id, place), pause) })
  }

  /** What waits for its pause, at once. */
  async keepPlacesNow(): Promise<void> {
    await Promise.all([...this.waiting].map(([id, { place }]) => this.send(id, place)))
  }

  /** With the model that it was made for. Undefined: none waits any more. */
  keepPlan(id: string, plan: Plan | undefined, modelId: string): void {
    if (!plan && !useDocuments.getState().documents[id]?.view?.plan) return
    const kept = plan ? { modelId, ...plan } : null
    useDocuments.setState(({ documents }) => {
      const document = documents[id]
      return document
        ? { documents: { ...documents, [id]: { ...document, view: { ...document.view, plan: kept } } } }
        : {}
    })
    void this.host()
      .keepView(id, { plan: kept })
      .catch(() => undefined)
  }

  private async send(id: string, place: number): Promise<void> {
    clearTimeout(this.waiting.get(id)?.timer)
    this.waiting.delete(id)
    // A place that was not kept costs a person some scrolling; it is not worth a word.
    await this.host()
      .keepView(id, { place })
      .catch(() => undefined)
  }
}

/** Plans that waited for a word when the window was closed wait again. */
export function showKeptPlans(modelOf: (info: DocumentInfo) => string): void {
  const { documents, activity } = useDocuments.getState()
  for (const info of Object.values(documents)) {
    const plan = planIn(info.view?.plan)
    if (plan && plan.modelId === modelOf(info) && !activity[info.id])
      setActivity(info.id, { name: 'planned', plan })
  }
}

/** A plan of another version of the program is none. */
function planIn(kept: unknown): (Plan & { readonly modelId: string }) | undefined {
  const plan = (kept ?? {}) as Partial<Plan & { modelId: string }>
  const numbers = [plan.tokens, plan.toRead, plan.seconds, plan.diskBytes, plan.memoryBytes]
  const isPlan =
    numbers.every(each => Number.isFinite(each)) &&
    typeof plan.verdict?.name === 'string' &&
    Array.isArray(plan.leaving)
  return isPlan ? (plan as Plan & { modelId: string }) : undefined
}
