/** What only a desktop program can do: the Electron side brings it, the browser host has none of it. */
import type { Graphics } from '../../contract/host'

export interface Desktop {
  /** The system's dialog for a folder; null: none was chosen. */
  chooseFolder?(): Promise<string | null>
  /** Progress 0 to 1 in the taskbar; null: nothing is read any more. `keepAwake` is the person's setting. */
  showReading?(progress: number | null, keepAwake: boolean): void
  notify?(title: string, body: string): void
  /** Name and value, for Diagnostics: memory of each process, graphics, sandbox. */
  lines?(): readonly (readonly [name: string, value: string])[]
  /** Requests that wanted to leave the computer and were cancelled. */
  requestsCancelled?(): number
  /** How the GPU is reached, and how another start would reach it. */
  readonly graphics?: {
    readonly now: Graphics
    readonly others: readonly Graphics[]
    /** Ends the program in order and starts it again. */
    startWith(graphics: Graphics): void
  }
}
