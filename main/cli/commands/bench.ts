/** `readonce bench`: measures reading, answering, reopening and single kernels, and writes the report of docs/benchmarks.md. */
import { openDawn } from '../../../gpu/node/dawn'
import { benchAnswering } from '../bench/answering'
import { benchDocument } from '../bench/document'
import { benchKernels, measureCeilings } from '../bench/kernels'
import { benchRandom, benchReading } from '../bench/reading'
import { Report } from '../bench/report'
import { type Setting } from '../bench/setting'
import { benchTransformer } from '../bench/transformer'
import { modelOf, precisionAsked } from '../open'
import { type Command, engineOptions, text, UsageError } from '../options'
import { Output } from '../output'
import { withQuietStderr } from '../quiet-stderr'

const parts: Readonly<Record<string, (setting: Setting) => Promise<void>>> = {
  reading: benchReading,
  random: benchRandom,
  transformer: benchTransformer,
  document: benchDocument,
  answering: benchAnswering
}
const names = ['kernels', ...Object.keys(parts)]

export const bench: Command = {
  usage: 'bench',
  about: 'measure reading, answering, reopening and the kernels on this adapter',
  arity: [0, 0],
  options: {
    ...engineOptions,
    quick: { type: 'boolean', about: 'short texts only: a minute or two' },
    full: { type: 'boolean', about: 'the longest texts too: more than an hour without a GPU' },
    only: { type: 'string', about: `some of ${names.join(',')}` }
  },
  async run(call) {
    const wanted = text(call, 'only')?.split(',') ?? names
    const unknown = wanted.find(name => !names.includes(name))
    if (unknown !== undefined)
      throw new UsageError(`--only: there is no "${unknown}"; it takes ${names.join(', ')}.`)
    const extent = call.options['full'] ? 'full' : call.options['quick'] ? 'quick' : 'usual'
    const output = new Output(call.json)
    const report = new Report(output)
    const asked = precisionAsked(call)
    const model = await modelOf(call, output, undefined, asked)
    try {
      const gpu = openDawn(text(call, 'adapter'))
      const adapter = await withQuietStderr(() => gpu.requestAdapter().catch(() => null))
      const name = adapter?.info.description ?? 'unknown'
      const date = new Date().toISOString().slice(0, 10)
      const command = `readonce bench ${process.argv.slice(3).join(' ')}`.trim()
      output.record({ type: 'bench', adapter: name, date, command })
      output.say(`Adapter: ${name}. Date: ${date}. Command: \`${command}\`.\n`)
      const best = await measureCeilings(gpu)
      report.remark(
        `Best of this adapter: ${best.gigaflops.toFixed(1)} GFLOP/s, ${best.gigabytes.toFixed(1)} GB/s.`
      )
      if (wanted.includes('kernels')) await benchKernels(gpu, name, report, extent === 'quick' ? 3 : 15)
      for (const [part, run] of Object.entries(parts))
        if (wanted.includes(part)) await run({ gpu, files: model.files, kv: asked.kv, report, extent, best })
      if (report.missed.length > 0)
        output.say(`\nBounds not met:\n${report.missed.map(m => `- ${m}\n`).join('')}`)
    } finally {
      await model.close()
    }
  }
}
