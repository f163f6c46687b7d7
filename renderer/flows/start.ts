/** From an empty page to a library, a ready engine and a queue that goes on; and again after a loss. */
import { sentenceOf } from '../../contract/failure'
import type { Host } from '../../contract/host'
import { addNotice, dropDocument, newestFirst, putDocument, useDocuments } from '../store/documents'
import { useEngine } from '../store/engine'
import { useSettings } from '../store/settings'
import { addOpened, extracting } from './add-document'
import { listModels } from './list-models'
import { resumeQueue } from './read-queue'
import { currentHost, dropEngine, modelOf, takeEngine } from './running-engine'
import { reopenShown } from './sessions'
import { keepAllChats, sendShelved } from './kept-chats'
import { keepPlacesNow, showKeptPlans } from './kept-views'
import { tellTrashed } from './tell-trashed'
import { tellTrash } from './trash'

export { currentHost } from './running-engine'
export { importModel, type ModelImport } from './import-model'
export { inspectModel } from '../engine/engine-client'

let followed: Host | undefined

export async function start(): Promise<void> {
  useEngine.setState({ state: { name: 'loading', loaded: 0, total: 0 } })
  try {
    const host = currentHost()
    follow(host)
    const [about, settings, models, listed] = await Promise.all([
      host.about(),
      host.getSettings(),
      host.listModels(),
      host.listDocuments()
    ])
    // Before anybody asks for them: what an earlier page could not save.
    await sendShelved()
    useEngine.setState({ about, models })
    useSettings.setState(settings, true)
    const documents = Object.fromEntries(listed.map(info => [info.id, info]))
    useDocuments.setState({ state: 'loaded', documents, order: newestFirst(documents) })
  } catch (error) {
    useDocuments.setState({ state: 'failed' })
    useEngine.setState({ state: { name: 'failed', reason: sentenceOf(error) } })
    return
  }
  showKeptPlans(modelOf)
  void addOpened()
  void tellTrash().catch(() => undefined)
  await engineReady()
}

/** Another engine in place of one that was lost; reading goes on from disk. */
export async function startAgain(): Promise<void> {
  if (useDocuments.getState().state !== 'loaded') return start()
  dropEngine()
  await engineReady()
}

/** Loads another model once what is under way has ended. */
export async function switchModel(modelId: string): Promise<void> {
  const use = await takeEngine(modelId, 'other')
  use.release()
}

export async function removeModel(id: string): Promise<void> {
  // Its files cannot go while they are being read.
  if (useEngine.getState().modelId === id) await switchModel('embedded')
  tellTrashed(await currentHost().removeModel(id))
  await listModels()
}

// How it went stands in the engine's state; whoever needs the engine is told too.
async function engineReady(): Promise<void> {
  await switchModel(modelOf(undefined)).catch(() => undefined)
  resumeQueue()
  reopenShown()
}

/** What had to wait for it goes on. */
async function hostIsBack(): Promise<void> {
  if (useDocuments.getState().state === 'failed') return start()
  await keepAllChats()
  resumeQueue()
}

function follow(host: Host): void {
  if (followed === host) return
  followed = host
  host.on('problem', text => addNotice('problem', text))
  host.on('documentChanged', putDocument)
  host.on('documentRemoved', dropDocument)
  host.on('modelsChanged', () => void listModels().catch(() => undefined))
  host.on('settingsChanged', settings => useSettings.setState(settings, true))
  host.on('opened', () => void addOpened())
  host.on('extracting', extracting)
  host.on('leaving', () => void Promise.all([keepAllChats(), keepPlacesNow()]).then(() => host.left()))
  host.connection?.on(now => {
    useEngine.setState({ host: now })
    if (now === 'here') void hostIsBack()
  })
}
