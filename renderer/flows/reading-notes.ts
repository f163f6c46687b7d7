/**
 * What is told of a reading while it goes on: to the library, to the taskbar and to a person who is away from the window. The
 * computer stays awake meanwhile.
 */
import i18next from 'i18next'
import type { Reading } from '../../contract/document'
import type { Host } from '../../contract/host'
import { SerialQueue } from '../../contract/serial-queue'
import { throttle } from '../../contract/throttle'
import type { SessionFacts, RemoteEngine } from '../engine/remote-engine'
import { putDocument } from '../store/documents'
import { useEngine } from '../store/engine'
import { useSettings } from '../store/settings'

/** Milliseconds between two notes of how far reading came, between two looks at the taskbar, and before an end is worth a notification. */
const pace = { note: 5000, taskbar: 1000, notification: 10_000 }

type Reached = Pick<SessionFacts, 'tokens' | 'total'>

export class ReadingNotes {
  private readonly begun = performance.now()
  // One after another: an earlier note must not overtake a later one.
  private readonly queue = new SerialQueue()
  private last: Reached | undefined
  /** The end is noted once, with what the session says. */
  private readonly onTheWay = throttle<Reached>(pace.note, reached => {
    if (reached.tokens < reached.total) void this.note(reached).catch(() => undefined)
  })
  private readonly taskbar = throttle<number>(
    pace.taskbar,
    share => void this.host.showReading(share).catch(() => undefined)
  )

  constructor(
    private readonly host: Host,
    private readonly id: string,
    private readonly engine: RemoteEngine,
    /** A person said that reading shall end at this token. */
    private readonly limit: number | undefined
  ) {}

  reached(progress: Reached): void {
    this.last = progress
    this.onTheWay.push(progress)
    this.taskbar.push(progress.tokens / Math.min(progress.total, this.limit ?? progress.total))
  }

  /** Waits until the library knows. Without `reached`: as far as was told last. */
  async end(reached = this.last): Promise<void> {
    if (reached) await this.note(reached)
  }

  /** Who waited long and looks elsewhere is called. */
  async notify(name: string): Promise<void> {
    const isWorth = document.hidden && performance.now() - this.begun > pace.notification
    if (!useSettings.getState().notify || !isWorth) return
    await this.host
      .notify(i18next.t('flows:readTitle', { name }), i18next.t('flows:readBody'))
      .catch(() => undefined)
  }

  private note({ tokens, total }: Reached): Promise<void> {
    const { limit, id, engine } = this
    const state: Reading['state'] = tokens >= total ? 'complete' : 'partial'
    const reading = {
      modelKey: engine.modelKey,
      modelName: engine.model.name,
      tokens: total,
      read: tokens,
      state,
      ...(limit !== undefined && limit < total && { limit })
    }
    return this.queue.run(async () => putDocument(await this.host.noteReading(id, reading)))
  }
}

/** Keeps the computer awake while something is read: the host does it on a desktop, the browser where there is none. */
export function stayAwake(): { end(): void } {
  const { about } = useEngine.getState()
  if (!useSettings.getState().keepAwake || about?.can.desktop !== false) return { end: () => undefined }
  // Refused while the page is hidden or the battery low: then it may sleep, nothing is lost.
  const lock = navigator.wakeLock?.request('screen').catch(() => undefined)
  return { end: () => void lock?.then(held => held?.release()) }
}
