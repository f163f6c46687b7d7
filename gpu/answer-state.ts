/** One answer's own memory: a copy of the document's carry, a bank for its rows, the passages it looks at, the tokens chosen so far. */
import { Batch } from './device/batch'
import { Staging } from './device/readback'
import type { Answering, DecodeOptions, Timeline } from './decode'
import { EngineFailure } from './failure'
import { askingTokens, Focus, passagesToSee, seenWhole } from './focus'
import type { Carry } from './kv/carry'
import { Pages } from './kv/pages'
import { type ChooseToken, tokenBits, type Sampling } from './kernels/choose-token'
import { type AttentionScratch, type BankRows, spanTokens } from './kernels/page-attention'
import { type Chunk, type Model, newCarry } from './model/model'
import { firstToken } from './refusal'

/** Tokens that are read back together, at most: a read-back costs 0.7 ms in Chromium, a stop token wastes at most 7 steps. */
export const mostPerBatch = 8

interface Chosen {
  readonly ids: Uint32Array
  /** Of each id its probability. */
  readonly shares: Float32Array
}

interface AnswerParts {
  readonly model: Model
  readonly choose: ChooseToken
  readonly sampling: Sampling
  readonly document: Timeline
  /** Rows of the document when this answer began; more may be read while it goes on. */
  readonly documentRows: number
  readonly documentBanks: readonly BankRows[]
  readonly carry: Carry
  readonly pages: Pages
  readonly scratch: AttentionScratch
  readonly tokens: GPUBuffer
  /** f32, one per token of `tokens`. */
  readonly probabilities: GPUBuffer
  readonly bits: GPUBuffer
  readonly mass: GPUBuffer
  /** The mass as it stood before each step of the last batch: what is computed behind a stop token must not count. */
  readonly massBefore: GPUBuffer
  readonly staging: Staging
}

/** One answer's own memory: a copy of the carry, a bank for its rows, the tokens chosen so far. */
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

  private constructor(private readonly own: AnswerParts) {}

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

  /** In its turn: the document's carry must not move while it is copied. */
  static async open(
    { model, choose }: Answering,
    document: Timeline,
    rows: number,
    { sampling, suppressed, signal }: DecodeOptions
  ): Promise<AnswerState> {
    const { device, vocabSize, layout } = model
    const documentRows = document.carry.position
    if (documentRows <= document.prefix)
      throw new EngineFailure(
        'nothing-read',
        'Nothing of this document has been read yet. Ask again in a moment.'
      )
    const pages = await Pages.allocate(device, rows, layout.pageBytes)
    const carry = newCarry(model)
    const batch = new Batch(device)
    document.carry.copyTo(batch, carry)
    if (document.apart) carry.startFresh(batch)
    batch.submit()
    const bankRows = [...document.pages.bankRows(documentRows), pages.capacity]
    const scratch = model.allocateScratch(1, bankRows)
    const bits = device.buffer('scratch', 'token bits', vocabSize * 4)
    const initial = new Uint32Array(vocabSize)
    for (const id of suppressed) initial[id] = tokenBits.suppressed
    device.raw.queue.writeBuffer(bits, 0, initial)
    const mass = device.buffer('scratch', 'span mass', model.spanCount(bankRows) * 4)
    const massBefore = device.buffer('scratch', 'span mass before', mass.size * mostPerBatch)
    const tokens = device.buffer('scratch', 'answer tokens', (rows + 1) * 4)
    const probabilities = device.buffer('scratch', 'answer probabilities', tokens.size)
    return new AnswerState({
      model,
      choose,
      sampling,
      document,
      documentRows,
      documentBanks: document.pages.view(documentRows, document.prefix, signal),
      carry,
      pages,
      scratch,
      tokens,
      probabilities,
      bits,
      mass,
      massBefore,
      staging: new Staging(device, mostPerBatch * 8)
    })
  }

  /** The question as a multi-token step, the upper half for its last token only, and the first token of the answer. */
  async ask(question: Uint32Array, options: DecodeOptions): Promise<void> {
    const { signal, suppressed, refusal, whole } = options
    const { model, pages, carry, scratch, mass } = this.own
    if (!whole && model.toFind !== undefined && this.documentRows > seenWhole)
      await this.find(question, model.toFind, signal)
    const [start, { before }] = [this.documentRows, this]
    const last = model.plan.looksInRead ? question.length - 1 : question.length
    for (const { at, tokens } of this.piecesOf(question, last)) {
      if (signal?.aborted) return
      const rows = tokens.length
      const tokenRows = await model.tokenRows?.reading.rows(tokens)
      const batch = new Batch(model.device)
      const chunk = { start: start + at, rows, tokens, tokenRows, before, pages, row: at }
      model.read(batch, at === last ? { ...chunk, answering: true, scratch, mass } : chunk, carry)
      this.rows = at + rows
      if (this.rows === question.length) {
        // Stopped while pages come from disk, it counts nothing: `massBefore` is all zero still.
        this.lastSteps = 1
        await this.say(batch)
        this.lastSteps = 0
      }
      batch.submit()
    }
    if (refusal) await this.refuse(refusal, suppressed)
    await model.device.idle()
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

  /** The first token becomes that of a refusal where it is likely enough, and the likeliest other one where a refusal is not. */
  private async refuse(
    { id, from, fromWhole = from }: NonNullable<DecodeOptions['refusal']>,
    suppressed: readonly number[]
  ): Promise<void> {
    const { model, tokens, probabilities, bits } = this.own
    const bytes = model.vocabSize * 4
    const staging = new Staging(model.device, bytes + 4)
    const batch = new Batch(model.device)
    staging.copy(batch, model.logits.buffer, 0, bytes)
    staging.copy(batch, tokens, 0, 4)
    batch.submit()
    const read = await staging.read(view => view.slice().buffer).finally(() => staging.free())
    const [logits, [chosen]] = [new Float32Array(read, 0, model.vocabSize), new Uint32Array(read, bytes)]
    for (const each of suppressed) logits[each] = -Infinity
    const instead = firstToken(logits, chosen, id, this.focus ? from : fromWhole)
    if (!instead) return
    const { said, share } = instead
    const { queue } = model.device.raw
    queue.writeBuffer(tokens, 0, Uint32Array.of(said))
    queue.writeBuffer(probabilities, 0, Float32Array.of(share))
    // Only what is said counts as seen.
    queue.writeBuffer(bits, 4 * chosen, Uint32Array.of(0))
    queue.writeBuffer(bits, 4 * said, Uint32Array.of(tokenBits.seen))
  }

  /** Looks the question up in the whole document by the first `steps` of reading it; `focus` is what it is about. */
  private async find(question: Uint32Array, steps: number, signal?: AbortSignal): Promise<void> {
    const { model, document, documentBanks: before, pages, scratch, mass } = this.own
    // The question is read again afterwards, from where the document ended.
    const carry = newCarry(model)
    try {
      const copy = new Batch(model.device)
      this.own.carry.copyTo(copy, carry)
      copy.submit()
      const from = Math.max(0, question.length - askingTokens)
      for (const { at, tokens } of this.piecesOf(question, question.length)) {
        if (signal?.aborted) break
        const rows = tokens.length
        const batch = new Batch(model.device)
        const chunk = { start: this.documentRows + at, rows, tokens, before, pages, row: at, scratch, mass }
        model.read(batch, { ...chunk, findingFrom: Math.max(0, from - at) }, carry, 0, steps)
        batch.submit()
      }
    } finally {
      carry.free()
    }
    const found = await this.mass()
    const batch = new Batch(model.device)
    batch.clear(mass)
    batch.submit()
    if (signal?.aborted) return
    const ranges = passagesToSee(found, this.documentRows, document.prefix)
    this.focus = await Focus.on(model.device, model.layout, document.pages, ranges, document.prefix).catch(
      (error: unknown) => {
        // Without memory for the copies it looks at all of the document, which is there.
        if (error instanceof EngineFailure && error.code === 'too-long') return undefined
        throw error
      }
    )
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
    const { model, choose, sampling, pages, carry, scratch, mass } = this.own
    const banks = [...this.before, ...pages.view(this.rows, 0)]
    const visible = banks.reduce((sum, bank) => sum + bank.rows, 0)
    await model.answer(batch, this.documentRows + this.rows - 1, 1, { carry, banks, visible, scratch, mass })
    const { bits, tokens, probabilities } = this.own
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
    const { model, carry, pages, staging, scratch, ...buffers } = this.own
    for (const each of [carry, pages, staging, scratch, this.focus]) each?.free()
    const { tokens, probabilities, bits, mass, massBefore } = buffers
    for (const buffer of [tokens, probabilities, bits, mass, massBefore]) model.device.free(buffer)
  }
}
