/** One answer: its question, looked up or not, whether it is a refusal, and its tokens one after another. */
import { AnswerRows } from './answer-rows'
import type { Answering, DecodeOptions, Timeline } from './answering'
import { Batch } from './device/batch'
import { Staging } from './device/readback'
import { seenWhole, toAnswer, toRefuse } from './focus'
import type { Carry } from './kv/carry'
import { tokenBits } from './kernels/choose-token'
import { newCarry } from './model/model'
import { softmax } from './softmax'

interface Chosen {
  readonly ids: Uint32Array
  /** Of each id its probability. */
  readonly shares: Float32Array
}

export class AnswerState {
  /** It is a refusal, which is this likely. */
  refused?: number
  private drawn = 0
  /** Of these, read back; counted where no step is computed ahead. */
  private given = 0
  /** The token read back last. */
  private id = 0

  private constructor(private readonly rows: AnswerRows) {}

  private get own() {
    return this.rows.own
  }

  get answeredFrom(): number | undefined {
    return this.rows.answeredFrom
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
    return new AnswerState(await AnswerRows.open(by, document, rows, options))
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
      await this.rows.pass(question, { carry, signal, then: batch => this.choose(batch) })
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
    const { refusal, signal } = options
    // Before passages are copied: they take what memory is left.
    const carry = newCarry(this.own.model)
    try {
      const found = steps === undefined ? undefined : await this.rows.find(question, steps, carry, signal)
      if (refusal && !signal?.aborted) {
        if (found) await this.rows.see(found, toRefuse)
        this.refused = await this.refusedBy(question, carry, refusal, options)
        this.rows.clearMass()
      }
      // A refusal was answered from what it was told by.
      if (this.refused === undefined) {
        this.rows.seeAll()
        if (found && !signal?.aborted) await this.rows.see(found, toAnswer)
      }
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
    this.rows.putBack(carry)
    let [share, told, row] = [1, question, 0]
    for (const id of ids.slice(0, 2)) {
      if (!(await this.rows.pass(told, { carry, signal, row }))) return undefined
      share *= (await this.shares(suppressed))[id]
      if (share < from) return undefined
      row += told.length
      told = Uint32Array.of(id)
    }
    return share
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

  /**
   * Reads `count` chosen tokens and their probabilities back, after encoding the steps that choose those behind the first. The step that
   * chooses the one behind them goes on while they are read: at 32K tokens the first came after 54 to 60 ms instead of 83.
   */
  async next(count: number, last: boolean): Promise<Chosen> {
    const { model, staging, tokens, probabilities } = this.own
    const first = this.drawn - 1
    this.rows.settle()
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
      this.rows.step(batch, i, { buffer: tokens, first: this.drawn - 1 })
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
      this.rows.step(batch, 0, tokens, await model.tokenRows?.answering.rows(tokens))
      // Stopped while pages are waited for, the rest of the step is never sent; how it stood before has to be.
      if (pages.isStreamed) batch.flush()
      await this.say(batch)
    }
    staging.copy(batch, chosenTokens, this.given * 4, 4)
    staging.copy(batch, probabilities, this.given * 4, 4)
    batch.submit()
    const chosen = await this.readBack(1)
    this.rows.settle()
    streamSpeed?.passed(pages.streamedBytes - before, performance.now() - begun)
    this.given = this.drawn
    this.id = chosen.ids[0]
    return chosen
  }

  private readBack(count: number): Promise<Chosen> {
    return this.own.staging.read(bytes => {
      const { buffer } = bytes.slice()
      return { ids: new Uint32Array(buffer, 0, count), shares: new Float32Array(buffer, count * 4) }
    })
  }

  /** Answers the last row read and chooses the token behind it. */
  private async say(batch: Batch): Promise<void> {
    await this.rows.answerLast(batch, this.own.carry)
    this.choose(batch)
  }

  private choose(batch: Batch): void {
    const { model, choose, sampling, bits, tokens, probabilities } = this.own
    choose(batch, model.logits, { bits, tokens, probabilities }, this.drawn, sampling)
    this.drawn++
  }

  /** Attention by span over the rows of the document (`AnswerRows.mass`). */
  mass(end?: number): Promise<Float32Array> {
    return this.rows.mass(end)
  }

  free(): void {
    this.rows.free()
  }
}
