/** Why the engine could not do what it was asked. A closed list; the caller turns a code into words for people. */
export type EngineFailureCode =
  | 'unsupported-model' // a well-formed checkpoint of a family or feature that this engine does not run
  | 'broken-model' // files that contradict themselves or their configuration
  | 'too-long' // the document does not fit the memory that the adapter grants
  | 'gpu-lacking' // no adapter, or one without what the kernels need
  | 'gpu-lost' // the device went away; what was read is on disk
  | 'unreadable-pages' // a part of what was read, which an answer needs, could not be read back from disk
  | 'nothing-read' // asked before anything of the document was read
  | 'cancelled'
  | 'closed'

/** An expected failure: says what was found, what was expected and, where there is something, what to do. */
export class EngineFailure extends Error {
  constructor(
    readonly code: EngineFailureCode,
    message: string,
    options?: ErrorOptions,
    /** The message's name and values, where the window has it in every language (contract/failures-of-checkpoints.ts). */
    readonly said?: { readonly name: string; readonly values: Readonly<Record<string, string | number>> }
  ) {
    super(message, options)
    this.name = 'EngineFailure'
  }
}
