/** `readonce read`: reads a file and keeps what was read. */
import { type Command, count, engineOptions, graphicsOptions, readingOptions } from '../options'
import { engineOf, libraryOf } from '../open'
import { Output } from '../output'
import { readFile } from '../reading'

export const read: Command = {
  usage: 'read FILE',
  about: 'read a file (text, PDF, Word, EPUB, web page …) once and keep what was read',
  arity: [1, 1],
  options: {
    ...engineOptions,
    ...readingOptions,
    ...graphicsOptions,
    chunk: { type: 'string', about: 'tokens per chunk (default: what the adapter does in 50 to 100 ms)' },
    profile: { type: 'boolean', about: 'time per kernel, dispatches, submits, GPU memory' }
  },
  async run(call) {
    const output = new Output(call.json)
    const chunk = count(call, 'chunk')
    const library = await libraryOf(call)
    const opened = await engineOf(call, output, library, { profile: call.options['profile'] === true })
    try {
      const anew = call.options['again'] === true
      const document = await readFile(call.args[0], library, opened, output, { chunk, anew })
      await document.close()
      if (call.options['profile']) await reportProfile(opened, output)
    } finally {
      await opened.close()
    }
  }
}

export async function reportProfile(
  { engine }: Awaited<ReturnType<typeof engineOf>>,
  output: Output
): Promise<void> {
  const profile = await engine.profile()
  const memory = engine.memory()
  output.record({ type: 'profile', ...profile, memory })
  if (!profile) {
    output.say('This adapter has no timestamp queries: no times per kernel.\n')
    return
  }
  const total = profile.kernels.reduce((sum, k) => sum + k.milliseconds, 0)
  for (const k of profile.kernels) {
    output.say(
      `${k.kernel.padEnd(18)} ${k.milliseconds.toFixed(1).padStart(10)} ms ${((k.milliseconds / total) * 100).toFixed(1).padStart(5)}% ${String(k.dispatches).padStart(8)} dispatches\n`
    )
  }
  output.say(`${profile.dispatches} dispatches in ${profile.submits} submits\n`)
  output.say('GPU memory at its peak:\n')
  for (const [purpose, bytes] of [...Object.entries(memory.peaks), ['in all', memory.peak] as const]) {
    output.say(`${purpose.padEnd(10)} ${(bytes / (1 << 20)).toFixed(1).padStart(8)} MiB\n`)
  }
}
