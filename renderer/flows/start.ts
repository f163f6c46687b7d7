/** From an empty page to a library, a ready engine and a queue that goes on; and again after a loss. */
import { sentenceOf } from '../../contract/failure'
import type { Host } from '../../contract/host'
import { addNotice, dropDocument, newestFirst, putDocument, useDocuments } from '../store/documents'
import { useEngine } from '../store/engine'
import { useSettings } from '../store/settings'
import { type AddDocument, extracting } from './add-document'
import type { KeptChats } from './kept-chats'
import { type KeptViews, showKeptPlans } from './kept-views'
import type { Models } from './models'
import { modelOf } from './model-choice'
import type { RunningEngine } from './running-engine'
import type { Sessions } from './sessions'
import type { Trash } from './trash'

/** What begins with the page. */
interface Started {
  host(): Host
  readonly engine: RunningEngine
  readonly sessions: Sessions
  readonly adding: AddDocument
  readonly models: Models
  readonly trash: Trash
  readonly keptChats: KeptChats
  readonly views: KeptViews
}

export class Start {
  private isFollowing = false

  constructor(private readonly flows: Started) {}

  async start(): Promise<void> {
    const { keptChats, adding, trash } = this.flows
    useEngine.setState({ state: { name: 'loading', loaded: 0, total: 0 } })
    try {
      const host = this.flows.host()
      this.follow(host)
      const [about, settings, models, listed] = await Promise.all([
        host.about(),
        host.getSettings(),
        host.listModels(),
        host.listDocuments()
      ])
      // Before anybody asks for them: what an earlier page could not save.
      await keptChats.sendShelved()
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
    void adding.addOpened()
    void trash.tellLeft().catch(() => undefined)
    await this.engineReady()
  }

  /** Another engine in place of one that was lost; reading goes on from disk. */
  async again(): Promise<void> {
    if (useDocuments.getState().state !== 'loaded') return this.start()
    this.flows.engine.drop()
    await this.engineReady()
  }

  /** To a folder that the system's dialog asks for, or to `path` where there is no such dialog. Rejects with HostFailure. */
  async moveLibrary(path?: string): Promise<void> {
    const host = this.flows.host()
    const chosen = path === undefined ? await host.chooseFolder() : { path }
    if (chosen === null) return
    // Nothing may hold a page file while the files move; what was being read goes on afterwards.
    await this.flows.adding.queue.stop('pause')
    this.flows.engine.drop()
    try {
      const to = 'grant' in chosen ? { grant: chosen.grant } : { path: chosen.path }
      useEngine.setState({ about: await host.moveLibrary(to) })
    } finally {
      await this.again()
    }
  }

  // How it went stands in the engine's state; whoever needs the engine is told too.
  private async engineReady(): Promise<void> {
    await this.flows.models.switchTo(modelOf(undefined)).catch(() => undefined)
    this.flows.adding.queue.resume()
    this.flows.sessions.reopenShown()
  }

  /** What had to wait for it goes on. */
  private async hostIsBack(): Promise<void> {
    if (useDocuments.getState().state === 'failed') return this.start()
    await this.flows.keptChats.keepAll()
    await this.listAgain().catch(() => undefined)
    this.flows.adding.queue.resume()
  }

  /** News of documents was missed while the host was away: what it knows is shown, not what was told last. */
  private async listAgain(): Promise<void> {
    const before = Object.keys(useDocuments.getState().documents)
    const listed = await this.flows.host().listDocuments()
    for (const info of listed) putDocument(info)
    const there = new Set(listed.map(({ id }) => id))
    for (const id of before) if (!there.has(id)) dropDocument(id)
  }

  private follow(host: Host): void {
    if (this.isFollowing) return
    this.isFollowing = true
    const { models, adding, keptChats, views } = this.flows
    host.on('problem', text => addNotice('problem', text))
    host.on('documentChanged', putDocument)
    host.on('documentRemoved', dropDocument)
    host.on('modelsChanged', () => void models.list().catch(() => undefined))
    host.on('settingsChanged', settings => useSettings.setState(settings, true))
    host.on('opened', () => void adding.addOpened())
    host.on('extracting', extracting)
    host.on(
      'leaving',
      () => void Promise.all([keptChats.keepAll(), views.keepPlacesNow()]).then(() => host.left())
    )
    host.connection?.on(now => {
      useEngine.setState({ host: now })
      if (now === 'here') void this.hostIsBack()
    })
  }
}
