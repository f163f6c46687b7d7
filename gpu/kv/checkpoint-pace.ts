/** A checkpoint is due when reading has gone on for this many times what it waited for the last one. */
const patience = 8

/**
 * How often a reading leaves a checkpoint: after every chunk, unless it would wait for checkpoints more than a ninth of its time.
 * All times in milliseconds of one clock.
 */
export class CheckpointPace {
  private dueAt = 0
  private before = 0

  isDue(now: number): boolean {
    return now >= this.dueAt
  }

  /** Reading waited from `begun` to `now` for a checkpoint. The lesser of two waits counts: a store may take its time now and then. */
  waited(begun: number, now: number): void {
    const waited = now - begun
    this.dueAt = now + Math.min(waited, this.before) * patience
    this.before = waited
  }
}
