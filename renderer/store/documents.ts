/** The library as the host tells it, and what is being done with each document. Plain data; flows/ changes it. */
import { create } from 'zustand'
import type { DocumentInfo, Trashed } from '../../contract/document'
import type { Leaving } from '../../contract/host'
import type { ReadingProgress } from '../../gpu/index'

/** What reading a document would take, told before it begins. */
export interface Plan {
  readonly tokens: number
  /** False: estimated from samples of the text. */
  readonly exact: boolean
  /** Tokens that are not read yet. */
  readonly toRead: number
  /** By a measurement of now and the last readings on this computer: likely, and from least to most where they differ. */
  readonly seconds: number
  readonly least: number
  readonly most: number
  readonly diskBytes: number
  /** What reading may write: the host's `room`, free of what it keeps for the computer. */
  readonly roomBytes: number
  /** What the host keeps free for the computer. */
  readonly reserveBytes: number
  /** Of pages on the GPU. */
  readonly memoryBytes: number
  /** It is larger than the graphics memory: what bringing the rest from disk adds to each word of an answer, about. */
  readonly answerSecondsPerWord?: number
  readonly trainedLength?: number
  /** Of the models that came with the program, the better answers first; absent where there is one only. */
  readonly offers?: readonly Offer[]
  /** Readings that are given up to make room for it, in turn. */
  readonly leaving: readonly Leaving[]
  /** Seconds to read them again; absent where one is of a model that this computer's speed is not known for. */
  readonly leavingSeconds?: number
  readonly verdict:
    | { readonly name: 'fits' }
    /** It fits and takes long: a person says when. */
    | { readonly name: 'slow' }
    /** It fits when other readings are given up: a person says so. */
    | { readonly name: 'evicts' }
    /** More tokens than the limit in the settings, or than the adapter's memory can hold. */
    | { readonly name: 'too-long'; readonly limit: number; readonly because: 'settings' | 'memory' }
    /** `limit`: the disk, or what the settings allow for read documents. */
    | { readonly name: 'no-disk'; readonly limit: 'disk' | 'budget' }
}

/** What reading would take with one of several models. */
export interface Offer {
  readonly modelId: string
  readonly name: string
  /** As those of a plan. */
  readonly seconds: number
  readonly least: number
  readonly most: number
}

/** What is being done with a document now; what was read of it before stands in its `readings`. */
export type Activity =
  | { readonly name: 'planning'; readonly tokenizing?: number }
  /** Waits for a person's word. */
  | { readonly name: 'planned'; readonly plan: Plan }
  | { readonly name: 'queued'; readonly plan?: Plan }
  | {
      readonly name: 'reading'
      readonly plan?: Plan
      readonly progress?: ReadingProgress
      readonly tokenizing?: number
    }
  | { readonly name: 'pausing' }
  | { readonly name: 'failed'; readonly reason: string }

/** A session is open: its pages are on the GPU and a question is answered at once. */
export interface OpenSession {
  readonly tokens: number
  readonly total: number
  /** Seconds of getting back what was on disk; absent when it was read just now. */
  readonly reopenedSeconds?: number
}

interface DocumentsStore {
  readonly state: 'loading' | 'loaded' | 'failed'
  readonly documents: Readonly<Record<string, DocumentInfo>>
  /** Ids, newest first. */
  readonly order: readonly string[]
  readonly activity: Readonly<Record<string, Activity>>
  readonly sessions: Readonly<Record<string, OpenSession>>
  /** Ids that wait to be read, in turn; the one being read is not among them. */
  readonly queue: readonly string[]
  /** Files being turned into text. */
  readonly importing: readonly { readonly name: string; readonly done: number; readonly total: number }[]
  /** What was refused or should be known, newest last; dismissed by a person. */
  readonly notices: readonly Notice[]
}

export interface Notice {
  readonly id: number
  readonly kind: 'refused' | 'problem' | 'done'
  readonly text: string
  /** A document that it speaks of, and that is a press away. */
  readonly documentId?: string
  /** What was taken away and can be brought back. */
  readonly trashed?: Trashed
}

export const useDocuments = create<DocumentsStore>(() => ({
  state: 'loading',
  documents: {},
  order: [],
  activity: {},
  sessions: {},
  queue: [],
  importing: [],
  notices: []
}))

export const setActivity = (id: string, now: Activity | undefined): void =>
  useDocuments.setState(({ activity }) => ({
    activity: now ? { ...activity, [id]: now } : without(activity, id)
  }))

/** Absent: its pages are not on the GPU any more. */
export const setSession = (id: string, now: OpenSession | undefined): void =>
  useDocuments.setState(({ sessions }) => ({
    sessions: now ? { ...sessions, [id]: now } : without(sessions, id)
  }))

const without = <T>(record: Readonly<Record<string, T>>, id: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([key]) => key !== id))

/** News of a document: known or new. */
export const putDocument = (info: DocumentInfo): void =>
  useDocuments.setState(({ documents }) => {
    const next = { ...documents, [info.id]: info }
    return { documents: next, order: newestFirst(next) }
  })

export const newestFirst = (documents: DocumentsStore['documents']): string[] =>
  Object.values(documents)
    .sort((a, b) => b.addedAt.localeCompare(a.addedAt))
    .map(({ id }) => id)

export const dropDocument = (id: string): void =>
  useDocuments.setState(({ documents, activity, sessions, order }) => ({
    documents: without(documents, id),
    activity: without(activity, id),
    sessions: without(sessions, id),
    order: order.filter(each => each !== id)
  }))

let lastNotice = 0

export const addNotice = (kind: Notice['kind'], text: string, documentId?: string, trashed?: Trashed): void =>
  useDocuments.setState(({ notices }) => ({
    notices: [
      ...notices,
      {
        id: ++lastNotice,
        kind,
        text,
        ...(documentId !== undefined && { documentId }),
        ...(trashed && { trashed })
      }
    ]
  }))

export const dismissTrashed = (id: string): void =>
  useDocuments.setState(({ notices }) => ({ notices: notices.filter(({ trashed }) => trashed?.id !== id) }))

export const dismissNotice = (id: number): void =>
  useDocuments.setState(({ notices }) => ({ notices: notices.filter(each => each.id !== id) }))

export const dismissAllNotices = (): void => useDocuments.setState({ notices: [] })
