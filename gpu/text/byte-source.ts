/** A file seen as ranges of bytes: a mapped file, positioned reads, HTTP ranges or a buffer in a test. */
export interface ByteSource {
  /** Length in bytes. */
  readonly size: number
  /** Fills all of `into` with the bytes from `offset` on; rejects when the range leaves the file. */
  read(offset: number, into: Uint8Array): Promise<void>
}

/** The files of one model folder. Names are plain file names, without folders. */
export interface ModelFiles {
  /** What a person calls this model: the folder's name. */
  readonly name: string
  /** All file names present. */
  list(): Promise<string[]>
  /** Throws when the file is not there. */
  open(name: string): Promise<ByteSource>
  /** Lower-case hexadecimal SHA-256 of a file's content, whole. The host may remember it by size and time. */
  digest(name: string): Promise<string>
}
