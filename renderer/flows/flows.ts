/** What the window can do, made once when the page starts: each part is given what it needs of the others. */
import type { Host } from '../../contract/host'
import { openEngineClient } from '../engine/engine-client'
import { choicesOf as choicesOfModel } from '../engine/model-worker'
import type { ChoicesOf } from '../engine/remote-engine'
import { pickHost } from '../host/host'
import { AddDocument } from './add-document'
import { AskQuestion } from './ask-question'
import { BestPlans } from './best-plan'
import { Chats } from './chats'
import { KeptChats } from './kept-chats'
import { KeptViews } from './kept-views'
import { ManageDocuments } from './manage-documents'
import { Models } from './models'
import { Offers } from './offers'
import { ReadingPlans } from './plan-reading'
import { RunningEngine } from './running-engine'
import { Sessions } from './sessions'
import { KeptSettings } from './settings'
import { Start } from './start'
import { Trash } from './trash'

export function makeFlows(
  pick: () => Host = pickHost,
  openEngine = openEngineClient,
  choicesOf: ChoicesOf = choicesOfModel
) {
  let picked: Host | undefined
  /** Throws HostFailure when the page was opened without what a host wants. */
  const host = (): Host => (picked ??= pick())
  const settings = new KeptSettings(host)
  const engine = new RunningEngine(host, openEngine, modelId => void settings.weightsGone(modelId))
  const sessions = new Sessions(host, engine)
  const views = new KeptViews(host)
  const plans = new ReadingPlans(host, new Offers(host, choicesOf))
  const adding = new AddDocument(host, engine, sessions, plans, new BestPlans(host, engine, plans), views)
  const documents = new ManageDocuments(host, sessions, adding)
  const models = new Models(host, engine, settings)
  const keptChats = new KeptChats(host)
  const chats = new Chats(host, engine, sessions, keptChats)
  const questions = new AskQuestion(host, engine, sessions, chats, keptChats)
  const trash = new Trash(host, documents, sessions, chats)
  const start = new Start({ host, engine, sessions, adding, models, trash, keptChats, views })
  globalThis.addEventListener?.('pagehide', () => {
    keptChats.sendNow()
    void views.keepPlacesNow()
  })
  return {
    host,
    sessions,
    views,
    adding,
    documents,
    models,
    keptChats,
    chats,
    questions,
    settings,
    trash,
    start
  }
}

type Flows = ReturnType<typeof makeFlows>

export const flows: Flows = makeFlows()
