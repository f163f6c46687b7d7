/** A display that is not shown (Xvfb), and what can be seen on it: headless Chromium has no window to look at. */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'

export const width = 1280
export const height = 860

export interface VirtualDisplay {
  /** For DISPLAY. */
  readonly name: string
  /** What is seen now. */
  photograph(): Photograph
  end(): Promise<void>
}

export interface Photograph {
  /** "#rrggbb". */
  at(x: number, y: number): string
  png(): Buffer
}

/** Rejects where no Xvfb is installed. */
export async function openDisplay(): Promise<VirtualDisplay> {
  const folder = mkdtempSync(join(tmpdir(), 'readonce-display-'))
  const screen = ['-screen', '0', `${width}x${height}x24`, '-fbdir', folder, '-nolisten', 'tcp']
  // It chooses a number that is free and tells it on descriptor 3.
  const server = spawn('Xvfb', ['-displayfd', '3', ...screen], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe']
  })
  const ended = new Promise<void>(resolve => server.once('close', () => resolve()))
  const number = await new Promise<string>((resolve, reject) => {
    server.once('error', reject)
    server.once('exit', code => reject(new Error(`Xvfb ended with ${code}.`)))
    let said = ''
    server.stdio[3]!.on('data', (piece: Buffer) => {
      said += piece.toString()
      if (said.endsWith('\n')) resolve(said.trim())
    })
  })
  return {
    name: `:${number}`,
    photograph: () => asPhotograph(readFileSync(join(folder, 'Xvfb_screen0'))),
    async end() {
      server.kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/**
 * `-fbdir` keeps the screen as an X window dump, XWDFile.h version 7: a header of 32-bit big-endian words (0: its size, 12:
 * bytes a row, 19: entries of the colour table behind it, 12 bytes each), then rows of 4 bytes, blue first.
 */
function asPhotograph(dump: Buffer): Photograph {
  const word = (i: number): number => dump.readUInt32BE(4 * i)
  const start = word(0) + 12 * word(19)
  const pixel = (x: number, y: number): [red: number, green: number, blue: number] => {
    const i = start + y * word(12) + 4 * x
    return [dump[i + 2], dump[i + 1], dump[i]]
  }
  return {
    at: (x, y) => `#${Buffer.from(pixel(x, y)).toString('hex')}`,
    png() {
      const rows = Buffer.alloc(height * (1 + 3 * width))
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) rows.set(pixel(x, y), y * (1 + 3 * width) + 1 + 3 * x)
      const header = Buffer.alloc(13)
      header.writeUInt32BE(width, 0)
      header.writeUInt32BE(height, 4)
      // Eight bits each of red, green and blue.
      header.set([8, 2], 8)
      const magic = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')
      return Buffer.concat([
        magic,
        chunk('IHDR', header),
        chunk('IDAT', deflateSync(rows)),
        chunk('IEND', Buffer.alloc(0))
      ])
    }
  }
}

function chunk(kind: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), content])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(content.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
