/** What only a desktop program can do: the Electron side brings it, the browser host has none of it. */
export interface Desktop {
  /** The system's dialog for a folder; null: none was chosen. */
  chooseFolder?(): Promise<string | null>
  /** Progress 0 to 1 in the taskbar; null: nothing is read any more. `keepAwake` is the person's setting. */
  showReading?(progress: number | null, keepAwake: boolean): void
  notify?(title: string, body: string): void
  /** Of each process, name and value, for Diagnostics. */
  memory?(): readonly (readonly [name: string, value: string])[]
  /** Requests that wanted to leave the computer and were cancelled. */
  requestsCancelled?(): number
}
