/** Memory for a document's pages: for all of them where they fit, otherwise for some, with the others on disk. */
import type { Device } from '../device/device'
import { EngineFailure } from '../failure'
import { type PageLayout, pageRows } from '../kernels/page-layout'
import { carryMemory, type CarryPart } from './carry'
import { type PageSizes, pageShare, streamedRoom, type StreamedRoom } from './page-room'
import { Pages } from './pages'
import type { PagesOnDisk } from './pages-on-disk'
import { savingBytes } from './saved-reading'

/** What sharing out memory has to know of a model. */
export interface PagedModel {
  readonly device: Device
  readonly layout: PageLayout
  readonly longest: number
  readonly tileRows: number
  readonly plan: {
    readonly carry: readonly CarryPart[]
    readonly residentPages: boolean
    readonly passesPerToken: number
  }
}

/** Whether so many tokens fit, and what it costs where they do not. */
export interface MemoryFit {
  /** Of the pages of all tokens. */
  readonly bytes: number
  /** Of these, granted just now. */
  readonly most: number
  /** All pages lie in graphics memory; a part of them does and answers bring the rest from disk; there is no way. */
  readonly kept: 'resident' | 'streamed' | 'no'
  /** From disk, for one token of an answer. */
  readonly streamedBytesPerToken: number
}

/**
 * Room for `rows` rows. Where they do not fit, `onShort` may free something and say so; then those that lie in `onDisk`
 * make room for others. Throws EngineFailure('too-long') without such a place, or with less memory than that takes.
 */
export async function openPages(
  model: PagedModel,
  rows: number,
  onDisk: PagesOnDisk | undefined,
  onShort: () => boolean = () => false
): Promise<Pages> {
  const { device, layout } = model
  for (;;) {
    const whole = await wholePages(model, rows, onDisk !== undefined)
    if (whole instanceof Pages) return whole
    if (onShort()) continue
    if (!onDisk) throw whole
    if (model.plan.residentPages)
      throw new EngineFailure(
        'too-long',
        `${whole.message} This family of models looks at all of them while it reads a text or a question, so they cannot be left on disk. Allow more graphics memory, or read a part of the document.`
      )
    const { most } = await Pages.fit(device, rows, layout.pageBytes)
    return await streamedPages(model, rows, onDisk, most, whole)
  }
}

/** With less and less memory, where a trial was granted more than there is. */
async function streamedPages(
  model: PagedModel,
  rows: number,
  onDisk: PagesOnDisk,
  granted: number,
  refusal: EngineFailure
): Promise<Pages> {
  const room = roomFor(model, rows, granted)
  if (!room) throw refusal
  try {
    return await Pages.allocateStreamed(model.device, room, sizesOf(model), onDisk)
  } catch (error) {
    if (error instanceof EngineFailure && error.code === 'too-long')
      return streamedPages(model, rows, onDisk, granted / 2, error)
    throw error
  }
}

/** Tried out and given back; see Engine.fitsMemory. */
export async function fitPages(model: PagedModel, rows: number): Promise<MemoryFit> {
  const { device, layout, plan } = model
  const { bytes, most: granted } = await Pages.fit(device, rows, layout.pageBytes)
  const most = Math.min(granted, forPages(model, device.memoryLeft))
  if (most >= bytes) return { bytes, most, kept: 'resident', streamedBytesPerToken: 0 }
  const room = plan.residentPages ? undefined : roomFor(model, rows, granted)
  if (!room) return { bytes, most, kept: 'no', streamedBytesPerToken: 0 }
  const pages = bytes / layout.pageBytes
  const brought = Math.max(0, pages - room.held) * layout.pageBytes
  return { bytes, most, kept: 'streamed', streamedBytesPerToken: brought * plan.passesPerToken }
}

/** The pages, or why they do not fit. `saved`: there is another way. */
async function wholePages(model: PagedModel, rows: number, saved: boolean): Promise<Pages | EngineFailure> {
  const { device, layout } = model
  const bytes = Math.ceil(rows / pageRows) * layout.pageBytes
  if (saved && !fitsWhole(model, bytes))
    return new EngineFailure(
      'too-long',
      `${rows.toLocaleString('en')} tokens need ${mib(bytes)} of graphics memory for their keys and values, and of the ${mib(device.memoryLimit)} that may be used ${mib(Math.max(0, device.memoryLeft))} are left.`
    )
  try {
    return await Pages.allocate(device, rows, layout.pageBytes)
  } catch (error) {
    if (error instanceof EngineFailure && error.code === 'too-long') return error
    throw error
  }
}

/** By the limit that was set; answers need some of it too. */
const fitsWhole = (model: PagedModel, bytes: number): boolean =>
  bytes <= forPages(model, model.device.memoryLeft)

/** What a document works with beside its pages: its carry, those of an answer and of a probe, and what saving takes. */
export const besidePages = (model: Omit<PagedModel, 'device'>): number =>
  3 * carryMemory(model.plan.carry, model.longest) + savingBytes(model)

/** Of so many bytes, those that pages may take where they do not all fit. */
const forPages = (model: PagedModel, bytes: number): number =>
  Math.max(0, Math.floor((bytes - besidePages(model)) * pageShare))

function roomFor(model: PagedModel, rows: number, granted: number): StreamedRoom | undefined {
  const { device, layout } = model
  const pages = Math.max(1, Math.ceil(rows / pageRows))
  const bankPages = Math.max(1, Math.floor(device.largestBinding / layout.pageBytes))
  const allowed = forPages(model, device.memoryLeft)
  // Granted as much as all pages take, the adapter is not what is short.
  const adapterGives = granted >= pages * layout.pageBytes ? Infinity : Math.floor(granted * pageShare)
  return streamedRoom(pages, bankPages, Math.min(allowed, adapterGives), sizesOf(model))
}

const sizesOf = ({ layout, longest, tileRows }: PagedModel): PageSizes => ({
  pageBytes: layout.pageBytes,
  longest,
  tileRows
})

const mib = (bytes: number): string => `${Math.ceil(bytes / (1 << 20)).toLocaleString('en')} MiB`
