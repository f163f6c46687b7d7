/** One answer: its question, looked up or not, and its tokens one after another. */
import { type AnswerMemory, answerMemory, freeAnswerMemory } from './answer-memory'
import type { Answering, DecodeOptions, Timeline } from './answering'
import { Batch } from './device/batch'
import { Staging } from './device/readback'
import { EngineFailure } from './failure'
import {
  askingTokens,
  type Choice,
  Focus,
  passagesToSee,
  type RowRange,
  seenWhole,
  toAnswer,
  toRefuse
} from './focus'
import type { Carry } from './kv/carry'
import { tokenBits } from './kernels/choose-token'
import { type BankRows, spanTokens } from './kernels/page-attention'
import { type Chunk, newCarry } from './model/model'
import { softmax } from './softmax'

interface Chosen {
  readonly ids: Uint32Array
  /** Of each id its probability. */
  readonly shares: Float32Array
}

export class AnswerState {
  /** What it sees of the document; absent: all of it. */
  private focus?: Focus
  /** It is a refusal, which is this likely. */
  refused?: number
  private rows = 0
  private drawn = 0
  /** Of these, read back; counted where no step is computed ahead. */
  private given = 0
  /** The token read back last. */
  private id = 0
  /** Steps that the last `next` made. */
  private lastSteps = 0

  private constructor(private readonly own: AnswerMemory) {}

  get answeredFrom(): number | undefined {
    return this.focus?.rows
  }

  /** Banks of the document that this answer looks at. */
  private get before(): readonly BankRows[] {
    return this.focus?.banks ?? this.own.documentBanks
  }

  get documentRows(): number {
    return this.own.documentRows
  }

  static async open(
    by: Answering,
    document: Timeline,
    rows: number,
    options: DecodeOptions
  ): Promise<AnswerState> {
    return new AnswerState(await answerMemory(by, document, rows, options))
  }

  /** The question, looked up first where the model does so, and the first token of the answer, unless it is a refusal. */
  async ask(question: Uint32Array, options: DecodeOptions): Promise<void> {
    const { refusal, signal, whole } = options
    const { model, carry, documentRows } = this.own
    const steps = !whole && documentRows > seenWhole ? model.toFind : undefined
    if (steps !== undefined || refusal) await this.askAside(question, steps, options)
    if (this.refused === undefined) {
      // What is not refused begins otherwise.
      if (refusal) this.mark(refusal.ids[0], tokenBits.suppressed)
      await this.pass(question, { carry, signal, then: batch => this.choose(batch) })
      if (refusal && !options.suppressed.includes(refusal.ids[0])) this.mark(refusal.ids[0], 0)
    }
    await model.device.idle()
  }

  /**
   * What comes before the answer: with `steps`, what of the document it sees; whether it is a refusal, which more of the document tells better than the
   * little that it sees.
   */
  private async askAside(
    question: Uint32Array,
    steps: number | undefined,
    options: DecodeOptions
  ): Promise<void> {
    const { model, document, documentRows } = this.own
    const { refusal, signal } = options
    // Before passages are copied: they take what memory is left.
    const carry = newCarry(model)
    try {
      const found = steps === undefined ? undefined : await this.find(question, steps, carry, signal)
      const see = async (choice: Choice): Promise<Focus | undefined> =>
        found && this.focusOn(passagesToSee(found, documentRows, document.prefix, choice))
      if (refusal && !signal?.aborted) {
        this.focus = await see(toRefuse)
        this.refused = await this.refusedBy(question, carry, refusal, options)
        this.clearMass()
        // A refusal was answered from these.
        if (this.refused === undefined) {
          this.focus?.free()
          this.focus = undefined
        }
      }
      if (this.refused === undefined && !signal?.aborted) this.focus = await see(toAnswer)
    } finally {
      carry.free()
    }
  }

  /**
   * How likely an answer with what is seen now would begin with the first two tokens of a refusal, if that is its bar or more. Two, because its first one, such
   * as "The", begins other answers as well.
   */
  private async refusedBy(
    question: Uint32Array,
    carry: Carry,
    { ids, from }: NonNullable<DecodeOptions['refusal']>,
    { suppressed, signal }: DecodeOptions
  ): Promise<number | undefined> {
    this.putBack(carry)
    let [share, told, row] = [1, question, 0]
    for (const id of ids.slice(0, 2)) {
      if (!(await this.pass(told, { carry, signal, row }))) return undefined
      share *= (await this.shares(suppressed))[id]
      if (share < from) return undefined
      row += told.length
      told = Uint32Array.of(id)
    }
    return share
  }

  /**
   * `tokens` behind the `row` first of a conversation as a multi-token step, the upper half for the last of them only, whose logits `then` is given. false: it
   * was stopped. Pages and carry have moved by it; another pass over them needs a carry that stands where they begin.
   */
  private async pass(
    tokens: Uint32Array,
    {
      carry,
      signal,
      row = 0,
      then
    }: { carry: Carry; signal?: AbortSignal; row?: number; then?: (batch: Batch) => void }
  ): Promise<boolean> {
    const { model, pages, scratch, mass } = this.own
    const { before } = this
    const last = row + tokens.length - (model.plan.looksInRead ? 1 : 0)
    for (const piece of this.piecesOf(tokens, row, last)) {
      if (signal?.aborted) return false
      const rows = piece.tokens.length
      const tokenRows = await model.tokenRows?.reading.rows(piece.tokens)
      const batch = new Batch(model.device)
      const chunk = { ...piece, start: this.documentRows + piece.row, rows, tokenRows, before, pages }
      model.read(batch, piece.row === last ? { ...chunk, answering: true, scratch, mass } : chunk, carry)
      this.rows = piece.row + rows
      if (this.rows === row + tokens.length) {
        // Stopped while pages come from disk, it counts nothing: `massBefore` is all zero still.
        this.lastSteps = 1
        await this.answerRow(batch, carry)
        then?.(batch)
        this.lastSteps = 0
      }
      batch.submit()
    }
    return true
  }

  /** What is read at once of tokens behind the `row` first of a conversation, none of it over `border`. */
  private *piecesOf(
    tokens: Uint32Array,
    row: number,
    border: number
  ): Generator<{ row: number; tokens: Uint32Array }> {
    const { model, pages } = this.own
    const end = row + tokens.length
    for (let at = row; at < end;) {
      const rows = Math.min(model.longest, (at < border ? border : end) - at, pages.roomAt(at))
      yield { row: at, tokens: tokens.subarray(at - row, at - row + rows) }
      at += rows
    }
  }

  private mark(id: number, bits: number): void {
    this.own.model.device.raw.queue.writeBuffer(this.own.bits, 4 * id, Uint32Array.of(bits))
  }

  /** Of the logits that are there. */
  private async shares(suppressed: readonly number[]): Promise<Float32Array> {
    const { model } = this.own
    const bytes = model.vocabSize * 4
    const staging = new Staging(model.device, bytes)
    const batch = new Batch(model.device)
    staging.copy(batch, model.logits.buffer, 0, bytes)
    batch.submit()
    const logits = await staging
      .read(view => new Float32Array(view.slice().buffer))
      .finally(() => staging.free())
    for (const each of suppressed) logits[each] = -Infinity
    return softmax(logits)
  }

  /** What the question gives to spans of the whole document in the first `steps` of reading it. */
  private async find(
    question: Uint32Array,
    steps: number,
    carry: Carry,
    signal?: AbortSignal
  ): Promise<Float32Array> {
    const { model, documentBanks: before, pages, scratch, mass } = this.own
    this.putBack(carry)
    const from = Math.max(0, question.length - askingTokens)
    for (const piece of this.piecesOf(question, 0, question.length)) {
      if (signal?.aborted) break
      const rows = piece.tokens.length
      const batch = new Batch(model.device)
      const chunk = { ...piece, start: this.documentRows + piece.row, rows, before, pages, scratch, mass }
      model.read(batch, { ...chunk, findingFrom: Math.max(0, from - piece.row) }, carry, 0, steps)
      batch.submit()
    }
    const found = await this.mass()
    this.clearMass()
    return found
  }

  /** `carry` stands where the document ended. */
  private putBack(carry: Carry): void {
    const batch = new Batch(this.own.model.device)
    this.own.carry.copyTo(batch, carry)
    batch.submit()
  }

  /** Copies of these rows; undefined: there is no memory for them, and all of the document has to be looked at, which is there. */
  private focusOn(ranges: readonly RowRange[]): Promise<Focus | undefined> {
    const { model, document } = this.own
    return Focus.on(model.device, model.layout, document.pages, ranges, document.prefix).catch(
      (error: unknown) => {
        if (error instanceof EngineFailure && error.code === 'too-long') return undefined
        throw error
      }
    )
  }

  private clearMass(): void {
    const batch = new Batch(this.own.model.device)
    batch.clear(this.own.mass)
    batch.submit()
  }

  /**
   * Reads `count` chosen tokens and their probabilities back, after encoding the steps that choose those behind the first. The step that
   * chooses the one behind them goes on while they are read: at 32K tokens the first came after 54 to 60 ms instead of 83.
   */
  async next(count: number, last: boolean): Promise<Chosen> {
    const { model, staging, tokens, probabilities } = this.own
    const first = this.drawn - 1
    this.lastSteps = 0
    let batch = new Batch(model.device)
    for (let i = 0; i < count; i++) {
      if (i === count - 1) {
        staging.copy(batch, tokens, first * 4, count * 4)
        staging.copy(batch, probabilities, first * 4, count * 4)
        batch.submit()
        // The last token of an answer needs no step of its own: nothing follows it.
        if (last) break
        batch = new Batch(model.device)
      }
      this.step(batch, i, { buffer: tokens, first: this.drawn - 1 })
      await this.say(batch)
    }
    if (!last) batch.submit()
    return this.readBack(count)
  }

  /**
   * The same for one token, of a model that must be told its ids or of a document whose pages come from disk: each is read
   * back before the step behind it begins, which waits for the disk.
   */
  async nextInTurn(): Promise<Chosen> {
    const { model, staging, tokens: chosenTokens, probabilities } = this.own
    const { pages, streamSpeed } = this.own.document
    const [begun, before] = [performance.now(), pages.streamedBytes]
    const batch = new Batch(model.device)
    if (this.given === this.drawn) {
      const tokens = Uint32Array.of(this.id)
      this.step(batch, 0, tokens, await model.tokenRows?.answering.rows(tokens))
      // Stopped while pages are waited for, the rest of the step is never sent; how it stood before has to be.
      if (pages.isStreamed) batch.flush()
      await this.say(batch)
    }
    staging.copy(batch, chosenTokens, this.given * 4, 4)
    staging.copy(batch, probabilities, this.given * 4, 4)
    batch.submit()
    const chosen = await this.readBack(1)
    this.lastSteps = 0
    streamSpeed?.passed(pages.streamedBytes - before, performance.now() - begun)
    this.given = this.drawn
    this.id = chosen.ids[0]
    return chosen
  }

  /** Reads the token chosen last; `i` counts steps since tokens were read back. */
  private step(batch: Batch, i: number, tokens: Chunk['tokens'], tokenRows?: Chunk['tokenRows']): void {
    const { model, scratch, pages, carry, mass, massBefore } = this.own
    const { before } = this
    const at = { start: this.documentRows + this.rows, row: this.rows, rows: 1, before }
    batch.copy(mass, 0, massBefore, i * mass.size, mass.size)
    model.read(batch, { ...at, tokens, tokenRows, pages, answering: true, scratch, mass }, carry)
    this.rows++
    this.lastSteps = i + 1
  }

  private readBack(count: number): Promise<Chosen> {
    return this.own.staging.read(bytes => {
      const { buffer } = bytes.slice()
      return { ids: new Uint32Array(buffer, 0, count), shares: new Float32Array(buffer, count * 4) }
    })
  }

  /** Answers the last row read and chooses the token behind it. */
  private async say(batch: Batch): Promise<void> {
    await this.answerRow(batch, this.own.carry)
    this.choose(batch)
  }

  /** The upper half for the last row read. */
  private async answerRow(batch: Batch, carry: Carry): Promise<void> {
    const { model, pages, scratch, mass } = this.own
    const banks = [...this.before, ...pages.view(this.rows, 0)]
    const visible = banks.reduce((sum, bank) => sum + bank.rows, 0)
    await model.answer(batch, this.documentRows + this.rows - 1, 1, { carry, banks, visible, scratch, mass })
  }

  private choose(batch: Batch): void {
    const { model, choose, sampling, bits, tokens, probabilities } = this.own
    choose(batch, model.logits, { bits, tokens, probabilities }, this.drawn, sampling)
    this.drawn++
  }

  /**
   * Attention by span over the document's rows only: the banks before this answer's own. Without what the last
   * `next` added from step `end` on.
   */
  async mass(end = Infinity): Promise<Float32Array> {
    const { model, document, massBefore } = this.own
    const [from, first] = end < this.lastSteps ? [massBefore, end * this.own.mass.size] : [this.own.mass, 0]
    const banks = this.focus?.banks.map(bank => bank.rows) ?? document.pages.bankRows(this.documentRows)
    const spans = banks.map(rows => Math.ceil(rows / spanTokens))
    const staging = new Staging(model.device, Math.max(4, spans.reduce((a, b) => a + b, 0) * 4))
    const batch = new Batch(model.device)
    let at = 0
    for (const [i, rows] of banks.entries()) {
      staging.copy(batch, from, first + at * 4, spans[i] * 4)
      at += model.spanCount([rows])
    }
    batch.submit()
    const mass = await staging.read(bytes => new Float32Array(bytes.slice().buffer))
    staging.free()
    return this.focus?.spread(mass, this.documentRows) ?? mass
  }

  free(): void {
    this.focus?.free()
    freeAnswerMemory(this.own)
  }
}
