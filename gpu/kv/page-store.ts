/**
 * Where a document's reading is kept between runs: an append-only list of records behind an identity.
 * The store knows lengths and checksums; what a payload means is page-codec.ts's business, and which
 * records are still of use is timeline.ts's.
 */

/** Everything that the rows depend on; two equal identities may share rows, any difference makes them foreign. */
export type PageIdentity = Readonly<Record<string, string | number>>

export type RecordKind = 'tokens' | 'page' | 'carry' | 'seal'

/** One whole record found on disk. Its payload's checksum is verified when it is read, not when it is listed. */
export interface SavedRecord {
  readonly kind: RecordKind
  /** Payload length in bytes. */
  readonly length: number
}

export type SavedPages =
  | { readonly state: 'absent' }
  /** Saved for something else; `differs` names the fields of the identity that are not the same. */
  | { readonly state: 'foreign'; readonly differs: readonly string[] }
  /** Records in file order. `complete` when the last one is a seal. */
  | { readonly state: 'partial' | 'complete'; readonly records: readonly SavedRecord[] }

export interface PageStore {
  /** Looks at what is there; a torn tail has been cut off already. Touches nothing else. */
  open(identity: PageIdentity): Promise<SavedPages>
  /** Starts anew with no records; what was there before is gone. */
  begin(identity: PageIdentity): Promise<void>
  /** Fills `into` (of exactly the record's length). False when the checksum does not match: a damaged record. */
  read(index: number, into: Uint8Array): Promise<boolean>
  /** Appends one record. Payload parts are written one after another as a single payload. The caller's buffers are free again on return. */
  append(kind: Exclude<RecordKind, 'seal'>, ...payload: Uint8Array[]): Promise<void>
  /** Drops all records from `index` on, a seal included. */
  cut(index: number): Promise<void>
  /**
   * Replaces the checkpoint, atomically. When the process is killed, the last one counts; when the power fails, one of the
   * last seconds.
   */
  keepCheckpoint(...payload: Uint8Array[]): Promise<void>
  /** The last whole checkpoint, or undefined when there is none or it is damaged. */
  checkpoint(): Promise<Uint8Array | undefined>
  /** Marks the file complete, makes it durable and drops the checkpoint. */
  seal(): Promise<void>
  /** Bytes on disk, checkpoint included. */
  readonly bytes: number
  close(): Promise<void>
}
