/**
 * The port of the run before, drawn by chance at first. What a browser keeps for a page (what is open, the queue, the
 * panes) belongs to its origin, port included: with another port each time a person would find the window rearranged.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from '../disk/atomic-write'

/** Serves on the last port where that is free, else on any; `serve` rejects for a port that is taken. */
export async function servePort<T extends { readonly origin: string }>(
  home: string,
  serve: (port: number) => Promise<T>
): Promise<T> {
  const file = join(home, 'browser-host.port')
  const last = Number(await readFile(file, 'utf8').catch(() => '0'))
  const usable = Number.isInteger(last) && last >= 1024 && last < 65_536
  const server = await (usable ? serve(last).catch(() => serve(0)) : serve(0))
  await writeAtomically(file, [Buffer.from(new URL(server.origin).port)]).catch(() => undefined)
  return server
}
