/** Where a document was left, and the plan of its reading that waits for a word: kept by the host, so that a restart finds them. */
import type { DocumentInfo } from '../../contract/document'
import { type Plan, setActivity, useDocuments } from '../store/documents'
import { currentHost } from './running-engine'

/** Milliseconds after the last scrolling: a disk need not follow every row. */
const pause = 500

const waiting = new Map<string, { readonly place: number; readonly timer: ReturnType<typeof setTimeout> }>()

globalThis.addEventListener?.('pagehide', () => void keepPlacesNow())

/** `place`: UTF-16 offset of the first row in view, so that another width of the window does not move it. */
export function keepPlace(id: string, place: number): void {
  clearTimeout(waiting.get(id)?.timer)
  waiting.set(id, { place, timer: setTimeout(() => void send(id, place), pause) })
}

/** What waits for its pause, at once. */
export const keepPlacesNow = async (): Promise<void> => {
  await Promise.all([...waiting].map(([id, { place }]) => send(id, place)))
}

async function send(id: string, place: number): Promise<void> {
  clearTimeout(waiting.get(id)?.timer)
  waiting.delete(id)
  // A place that was not kept costs a person some scrolling; it is not worth a word.
  await currentHost()
    .keepView(id, { place })
    .catch(() => undefined)
}

/** With the model that it was made for. Undefined: none waits any more. */
export function keepPlan(id: string, plan: Plan | undefined, modelId: string): void {
  if (!plan && !useDocuments.getState().documents[id]?.view?.plan) return
  const kept = plan ? { modelId, ...plan } : null
  useDocuments.setState(({ documents }) => {
    const document = documents[id]
    return document
      ? { documents: { ...documents, [id]: { ...document, view: { ...document.view, plan: kept } } } }
      : {}
  })
  void currentHost()
    .keepView(id, { plan: kept })
    .catch(() => undefined)
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
