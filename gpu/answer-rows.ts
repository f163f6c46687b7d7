/** The rows of one answer, its question's and its own: how they go through the model, what of the document they see, and what they look at. */
import { type AnswerMemory, answerMemory, freeAnswerMemory } from './answer-memory'
import type { Answering, DecodeOptions, Timeline } from './answering'
import { Batch } from './device/batch'
import { Staging } from './device/readback'
import { EngineFailure } from './failure'
import { askingTokens, type Choice, Focus, passagesToSee } from './focus'
import type { Carry } from './kv/carry'
import { type BankRows, spanTokens } from './kernels/page-attention'
import type { Chunk } from './model/model'

export class AnswerRows {
  /** What they see of the document; absent: all of it. */
  private focus?: Focus
  private count = 0
  /** Steps whose attention does not count yet. */
  private unsettled = 0

  private constructor(readonly own: AnswerMemory) {}

  static async open(
    by: Answering,
    document: Timeline,
    rows: number,
    options: DecodeOptions
  ): Promise<AnswerRows> {
    return new AnswerRows(await answerMemory(by, document, rows, options))
  }

  get answeredFrom(): number | undefined {
    return this.focus?.rows
  }

  /** Banks of the document that these rows look at. */
  private get before(): readonly BankRows[] {
    return this.focus?.banks ?? this.own.documentBanks
  }

  /**
   * `tokens` behind the `row` first of a conversation as a multi-token step, the upper half for the last of them only, whose logits `then` is given. false: it
   * was stopped. Pages and carry have moved by it; another pass over them needs a carry that stands where they begin.
   */
  async pass(
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
      const chunk = { ...piece, start: this.own.documentRows + piece.row, rows, tokenRows, before, pages }
      model.read(batch, piece.row === last ? { ...chunk, answering: true, scratch, mass } : chunk, carry)
      this.count = piece.row + rows
      if (this.count === row + tokens.length) {
        // Stopped while pages come from disk, it counts nothing: `massBefore` is all zero still.
        this.unsettled = 1
        await this.answerLast(batch, carry)
        then?.(batch)
        this.unsettled = 0
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

  /** What the question gives to spans of the whole document in the first `steps` of reading it. */
  async find(
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
      const chunk = { ...piece, start: this.own.documentRows + piece.row, rows, before, pages, scratch, mass }
      model.read(batch, { ...chunk, findingFrom: Math.max(0, from - piece.row) }, carry, 0, steps)
      batch.submit()
    }
    const found = await this.mass()
    this.clearMass()
    return found
  }

  /** From here on only what `found` is strongest in, by `choice`, or all of the document where there is no memory for copies of it. */
  async see(found: Float32Array, choice: Choice): Promise<void> {
    const { model, document, documentRows } = this.own
    this.seeAll()
    const ranges = passagesToSee(found, documentRows, document.prefix, choice)
    this.focus = await Focus.on(model.device, model.layout, document.pages, ranges, document.prefix).catch(
      (error: unknown) => {
        if (error instanceof EngineFailure && error.code === 'too-long') return undefined
        throw error
      }
    )
  }

  seeAll(): void {
    this.focus?.free()
    this.focus = undefined
  }

  /** All steps so far count. */
  settle(): void {
    this.unsettled = 0
  }

  /** `carry` stands where the document ended. */
  putBack(carry: Carry): void {
    const batch = new Batch(this.own.model.device)
    this.own.carry.copyTo(batch, carry)
    batch.submit()
  }

  clearMass(): void {
    const batch = new Batch(this.own.model.device)
    batch.clear(this.own.mass)
    batch.submit()
  }

  /** Reads the token chosen last; `i` counts steps since tokens were read back. */
  step(batch: Batch, i: number, tokens: Chunk['tokens'], tokenRows?: Chunk['tokenRows']): void {
    const { model, scratch, pages, carry, mass, massBefore } = this.own
    const { before } = this
    const at = { start: this.own.documentRows + this.count, row: this.count, rows: 1, before }
    batch.copy(mass, 0, massBefore, i * mass.size, mass.size)
    model.read(batch, { ...at, tokens, tokenRows, pages, answering: true, scratch, mass }, carry)
    this.count++
    this.unsettled = i + 1
  }

  /** The upper half for the last row read. */
  async answerLast(batch: Batch, carry: Carry): Promise<void> {
    const { model, pages, scratch, mass } = this.own
    const banks = [...this.before, ...pages.view(this.count, 0)]
    const visible = banks.reduce((sum, bank) => sum + bank.rows, 0)
    await model.answer(batch, this.own.documentRows + this.count - 1, 1, {
      carry,
      banks,
      visible,
      scratch,
      mass
    })
  }

  /**
   * Attention by span over the document's rows only: the banks before this answer's own. Without what steps
   * that do not count yet added from `end` of them on.
   */
  async mass(end = Infinity): Promise<Float32Array> {
    const { model, document, massBefore } = this.own
    const [from, first] = end < this.unsettled ? [massBefore, end * this.own.mass.size] : [this.own.mass, 0]
    const banks = this.focus?.banks.map(bank => bank.rows) ?? document.pages.bankRows(this.own.documentRows)
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
    return this.focus?.spread(mass, this.own.documentRows) ?? mass
  }

  free(): void {
    this.focus?.free()
    freeAnswerMemory(this.own)
  }
}
