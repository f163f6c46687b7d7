/** What the command line says: JSON lines on standard output, or sentences for people; progress on standard error. */
import type { ReadingTime } from '../../contract/reading-time'
import { type Throttle, throttle } from '../../contract/throttle'
import type { ReadingProgress } from '../../gpu/index'
import { formatBytes } from '../disk/disk-space'

export class Output {
  // A terminal is redrawn ten times a second; a file or a pipe gets a line every two seconds.
  private readonly shown: Throttle<ReadingProgress>
  private open = false
  private finished = false

  constructor(readonly json: boolean) {
    this.shown = throttle(json || process.stderr.isTTY ? 100 : 2000, progress => this.show(progress))
  }

  /** One JSON line; nothing without --json. */
  record(value: Record<string, unknown>): void {
    if (this.json) process.stdout.write(`${JSON.stringify(value)}\n`)
  }

  /** Text for people on standard output; nothing with --json. */
  say(text: string): void {
    if (this.json) return
    this.endProgress()
    process.stdout.write(text)
  }

  /** A remark on standard error, which leaves standard output to the answer; nothing with --json. */
  note(text: string): void {
    if (this.json) return
    this.endProgress()
    process.stderr.write(`${text}\n`)
  }

  /** The last one is always shown, once. */
  progress(progress: ReadingProgress): void {
    this.shown.push(progress)
    const ends = progress.tokens === progress.total
    if (ends && !this.finished) this.shown.flush()
    this.finished = ends
  }

  private show({ tokens, total, tokensPerSecond, bytes, reused }: ReadingProgress): void {
    const percent = Math.floor((tokens / total) * 1000) / 10
    const secondsLeft = tokensPerSecond > 0 ? (total - tokens) / tokensPerSecond : undefined
    if (this.json) {
      this.record({
        type: 'progress',
        tokens,
        total,
        reused,
        percent,
        tokensPerSecond,
        secondsLeft: secondsLeft ?? null,
        pageFileBytes: bytes
      })
      return
    }
    if (tokensPerSecond === 0) return
    const left = tokens < total && secondsLeft !== undefined ? `, ${duration(secondsLeft)} left` : ''
    const line = `Reading: ${grouped(tokens)} of ${grouped(total)} tokens (${percent.toFixed(1)}%), ${grouped(Math.round(tokensPerSecond))} tokens/s${left}, ${formatBytes(bytes)} on disk`
    if (!process.stderr.isTTY) process.stderr.write(`${line}\n`)
    else {
      process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns ?? 120) - 1)}`)
      this.open = true
    }
  }

  /** Whatever is said next begins a line of its own. */
  endProgress(): void {
    if (this.open) process.stderr.write('\n')
    this.open = false
  }
}

export const grouped = (n: number): string => n.toLocaleString('en')

/** One figure, or both ends where a measurement of now and earlier readings differ. */
export const durations = ({ seconds, least, most }: ReadingTime): string =>
  least < most ? `${duration(least)} to ${duration(most)}` : duration(seconds)

export function duration(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 90) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
