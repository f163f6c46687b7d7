/**
 * Which graphics a start takes, in graphics.json of the data folder: what a person chose, and whether the last start was still
 * on its way when it ended. Chromium ends the whole program when its GPU process fails a few times in a row; then nobody
 * could be asked, and the next start tries the next safer way by itself.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Graphics } from '../../contract/host'

const Kept = z.object({
  graphics: z.enum(['automatic', 'plain', 'x11', 'software']),
  /**
   * false: the last start drew its window or ended in order. handed: it gave way to another with a switch that only the
   * command line takes.
   */
  starting: z.union([z.boolean(), z.literal('handed')]),
  /** Of the program: with another one, what failed by itself is tried again. */
  version: z.string(),
  /** By a person, and then for every version. */
  chosen: z.boolean()
})
type Kept = z.infer<typeof Kept>

export interface GraphicsSession {
  /** Whether `automatic` and `plain` differ on this computer. */
  readonly hasPlain: boolean
  /** This start has the switch for X11. */
  readonly onX11: boolean
  /** In a Wayland session X11 programs are shown, too. */
  readonly hasX11: boolean
}

/** Where the same way would be taken again, `plain` is left out. */
const safer = (from: Graphics, hasPlain: boolean): Graphics =>
  from === 'automatic' && hasPlain ? 'plain' : 'software'

export class GraphicsChoice {
  private kept: Kept

  constructor(
    private readonly home: string,
    version: string,
    private readonly session: GraphicsSession
  ) {
    const { hasPlain, onX11 } = session
    const before = this.read()
    const fresh: Kept = { graphics: 'automatic', starting: false, version, chosen: false }
    const kept = before && (before.chosen || before.version === version) ? { ...before, version } : fresh
    // Left by the start that handed over to this one: no failure.
    const failed =
      before !== undefined && before.starting !== false && !(before.starting === 'handed' && onX11)
    this.kept = failed
      ? { ...kept, graphics: safer(kept.graphics, hasPlain), starting: false, chosen: false }
      : { ...kept, starting: false }
  }

  get now(): Graphics {
    return this.kept.graphics
  }

  /** Whether the program has to be started again with `--ozone-platform=x11` before anything else. */
  get wantsX11(): boolean {
    return this.now === 'x11' && !this.session.onX11
  }

  /** What a person may choose instead. */
  get others(): Graphics[] {
    const { hasX11 } = this.session
    const all: Graphics[] = hasX11 ? ['automatic', 'x11', 'software'] : ['automatic', 'software']
    return all.filter(each => each !== this.now)
  }

  /** To be called by the start that runs, not by one that finds another running. */
  begin(): void {
    this.write({ ...this.kept, starting: true })
  }

  handOver(): void {
    this.write({ ...this.kept, starting: 'handed' })
  }

  /** The window was drawn, or the program ends in order. */
  confirm(): void {
    if (this.kept.starting !== false) this.write({ ...this.kept, starting: false })
  }

  choose(graphics: Graphics): void {
    this.write({ ...this.kept, graphics, chosen: true, starting: false })
  }

  private read(): Kept | undefined {
    try {
      return Kept.safeParse(JSON.parse(readFileSync(this.file, 'utf8'))).data
    } catch {
      return undefined
    }
  }

  /**
   * Chromium waits for the switches, so nothing here may take a turn of the loop. A folder that cannot be written is told
   * later, on a page.
   */
  private write(kept: Kept): void {
    this.kept = kept
    try {
      mkdirSync(this.home, { recursive: true, mode: 0o700 })
      writeFileSync(`${this.file}.tmp`, JSON.stringify(kept), { mode: 0o600 })
      renameSync(`${this.file}.tmp`, this.file)
    } catch {
      return
    }
  }

  private get file(): string {
    return join(this.home, 'graphics.json')
  }
}
