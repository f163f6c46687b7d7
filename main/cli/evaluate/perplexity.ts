/** Perplexity of held-out text over the engine's own path: chunks, pages, early exit for all but the asked rows. */
import { readFile } from 'node:fs/promises'
import type { Engine } from '../../../gpu/index'
import { HostFailure, sentenceOf } from '../../../contract/failure'

const promptEnd = 65534

/** The first `length` tokens of the prompts that are that long; training/prepare.mjs cut them with the same tokenizer. */
export async function readHeldText(path: string, length: number): Promise<Uint32Array[]> {
  const bytes = await readFile(path).catch(error => {
    throw new HostFailure(
      'unreadable-file',
      `Cannot read ${path}: ${sentenceOf(error)}. training/prepare.mjs writes it.`
    )
  })
  const ids = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength >> 1)
  const windows: Uint32Array[] = []
  for (let start = 0, end: number; start < ids.length; start = end + 1) {
    end = ids.indexOf(promptEnd, start)
    if (end < 0) end = ids.length
    if (end - start >= length) windows.push(Uint32Array.from(ids.subarray(start, start + length)))
  }
  if (windows.length === 0)
    throw new HostFailure('bad-request', `${path} holds no document of ${length} tokens or more.`)
  return windows
}

export async function perplexity(
  engine: Engine,
  windows: readonly Uint32Array[]
): Promise<{ perplexity: number; windows: number }> {
  let [loss, count] = [0, 0]
  for (const ids of windows) {
    // The prompt's tokens are given; each other token is foretold by the row before it.
    const positions = Array.from({ length: ids.length - 3 }, (_, i) => i + 2)
    await engine.evaluate(ids, { positions }, (position, logits) => {
      const most = logits.reduce((a, b) => Math.max(a, b), -Infinity)
      const sum = logits.reduce((a, b) => a + Math.exp(b - most), 0)
      loss += Math.log(sum) + most - logits[ids[position + 1]]
      count++
    })
  }
  return { perplexity: Math.exp(loss / count), windows: windows.length }
}
