/** One answer: its question, looked up or not, and its tokens one after another. */
import { type AnswerMemory, answerMemory, freeAnswerMemory } from './answer-memory'
import type { Answering, DecodeOptions, Timeline } from './decode'
import { Batch } from './device/batch'
import { Staging } from './device/readback'
import { EngineFailure } from './failure'
import { askingTokens, type Choice, Focus, passagesToSee, seenWhole, toAnswer, toRefuse } from './focus'
import type { Carry } from './kv/carry'
import { tokenBits } from './kernels/choose-token'
import { type BankRows, spanTokens } from './kernels/page-attention'
import { type Chunk, newCarry } from './model/model'
import { firstToken, sharesOf } from './refusal'

interface Chosen {
  readonly ids: Uint32Array
  /** Of each id its probability. */
  readonly shares: Float32Array
}

export class AnswerState {
  /** What it sees of the document; absent: all of it. */
  private focus?: Focus
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

  /** The question, looked up first where the model does so, and the first token of the answer. */
  async ask(question: Uint32Array, options: DecodeOptions): Promise<void> {
    const { signal, refusal, whole } = options
    const { model, carry } = this.own
    let doubt: number | undefined
    if (!whole && model.toFind !== undefined && this.documentRows > seenWhole) {
      const found = await this.find(question, model.toFind, signal)
      doubt = await this.doubt(found, question, options)
      if (!signal?.aborted) this.focus = await this.focusOn(found, toAnswer)
    }
    const isAsked = await this.pass(question, carry, signal, batch => this.choose(batch))
    if (isAsked && refusal) await this.refuse(refusal, options.suppressed, doubt)
    await model.device.idle()
  }

  /**
   * The question as a multi-token step, the upper half for its last token only, whose logits `then` is given. false: it was stopped. Pages and carry have
   * moved by it; another pass begins where the document ended, with a carry that stands there.
   */
  private async pass(
    question: Uint32Array,
    carry: Carry,
    signal: AbortSignal | undefined,
    then: (batch: Batch) => void
  ): Promise<boolean> {
    const { model, pages, scratch, mass } = this.own
    const [start, { before }] = [this.documentRows, this]
    const last = model.plan.looksInRead ? question.length - 1 : question.length
    for (const { at, tokens } of this.piecesOf(question, last)) {
      if (signal?.aborted) return false
      const rows = tokens.length
      const tokenRows = await model.tokenRows?.reading.rows(tokens)
      const batch = new Batch(model.device)
      const chunk = { start: start + at, rows, tokens, tokenRows, before, pages, row: at }
      model.read(batch, at === last ? { ...chunk, answering: true, scratch, mass } : chunk, carry)
      this.rows = at + rows
      if (this.rows === question.length) {
        // Stopped while pages come from disk, it counts nothing: `massBefore` is all zero still.
        this.lastSteps = 1
        await this.answerRow(batch, carry)
        then(batch)
        this.lastSteps = 0
      }
      batch.submit()
    }
    return true
  }

  /** What is read at once of a question, none of it over `border`. */
  private *piecesOf(question: Uint32Array, border: number): Generator<{ at: number; tokens: Uint32Array }> {
    const { model, pages } = this.own
    for (let at = 0; at < question.length;) {
      const rows = Math.min(model.longest, (at < border ? border : question.length) - at, pages.roomAt(at))
      yield { at, tokens: question.subarray(at, at + rows) }
      at += rows
    }
  }

  /**
   * The first token becomes that of a refusal where it is likely enough, and the likeliest other one where a refusal is not. `doubt`: how likely, where that
   * was told by other passages than the answer sees.
   */
  private async refuse(
    { id, from, fromWhole = from }: NonNullable<DecodeOptions['refusal']>,
    suppressed: readonly number[],
    doubt: number | undefined
  ): Promise<void> {
    const { model, tokens, probabilities, bits } = this.own
    const { shares, chosen } = await this.firstShares(suppressed)
    const refused = doubt === undefined ? shares[id] >= (this.focus ? from : fromWhole) : doubt >= from
    const instead = firstToken(shares, chosen, id, refused)
    if (!instead) return
    const { said, share } = instead
    const { queue } = model.device.raw
    queue.writeBuffer(tokens, 0, Uint32Array.of(said))
    queue.writeBuffer(probabilities, 0, Float32Array.of(share))
    // Only what is said counts as seen.
    queue.writeBuffer(bits, 4 * chosen, Uint32Array.of(0))
    queue.writeBuffer(bits, 4 * said, Uint32Array.of(tokenBits.seen))
  }

  /** Of the logits that are there, and the first token chosen, if one was. */
  private async firstShares(
    suppressed: readonly number[]
  ): Promise<{ shares: Float32Array; chosen: number }> {
    const { model, tokens } = this.own
    const bytes = model.vocabSize * 4
    const staging = new Staging(model.device, bytes + 4)
    const batch = new Batch(model.device)
    staging.copy(batch, model.logits.buffer, 0, bytes)
    staging.copy(batch, tokens, 0, 4)
    batch.submit()
    const read = await staging.read(view => view.slice().buffer).finally(() => staging.free())
    const [logits, [chosen]] = [new Float32Array(read, 0, model.vocabSize), new Uint32Array(read, bytes)]
    for (const each of suppressed) logits[each] = -Infinity
    return { shares: sharesOf(logits), chosen }
  }

  /** What the question gives to spans of the whole document in the first `steps` of reading it. */
  private async find(question: Uint32Array, steps: number, signal?: AbortSignal): Promise<Float32Array> {
    const { model, documentBanks: before, pages, scratch, mass } = this.own
    await this.aside(async carry => {
      const from = Math.max(0, question.length - askingTokens)
      for (const { at, tokens } of this.piecesOf(question, question.length)) {
        if (signal?.aborted) break
        const rows = tokens.length
        const batch = new Batch(model.device)
        const chunk = { start: this.documentRows + at, rows, tokens, before, pages, row: at, scratch, mass }
        model.read(batch, { ...chunk, findingFrom: Math.max(0, from - at) }, carry, 0, steps)
        batch.submit()
      }
    })
    const found = await this.mass()
    this.clearMass()
    return found
  }

  /** How likely an answer would begin with a refusal if it saw the passages of `toRefuse`; undefined: nobody asks, or there is no memory for them. */
  private async doubt(
    found: Float32Array,
    question: Uint32Array,
    { refusal, suppressed, signal }: DecodeOptions
  ): Promise<number | undefined> {
    if (!refusal || signal?.aborted) return undefined
    this.focus = await this.focusOn(found, toRefuse)
    if (!this.focus) return undefined
    try {
      const isAsked = await this.aside(carry => this.pass(question, carry, signal, () => undefined))
      return isAsked ? (await this.firstShares(suppressed)).shares[refusal.id] : undefined
    } finally {
      this.focus.free()
      this.focus = undefined
      this.clearMass()
    }
  }

  /** What is read from where the document ended, but not for the answer. */
  private async aside<T>(read: (carry: Carry) => Promise<T>): Promise<T> {
    const { model } = this.own
    const carry = newCarry(model)
    try {
      const copy = new Batch(model.device)
      this.own.carry.copyTo(copy, carry)
      copy.submit()
      return await read(carry)
    } finally {
      carry.free()
    }
  }

  /** Copies of the passages that have `found`; undefined: there is no memory for them, and all of the document has to be looked at, which is there. */
  private focusOn(found: Float32Array, choice: Choice): Promise<Focus | undefined> {
    const { model, document } = this.own
    const ranges = passagesToSee(found, this.documentRows, document.prefix, choice)
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
