/** `readonce open FILE...`, or just `readonce FILE...`: the window, with these files. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { HostFailure } from '../../../contract/failure'
import { type Command, text, UsageError } from '../options'

export const open: Command = {
  usage: 'open [FILE...]',
  about: 'the window, with these files or folders; also without the word "open"',
  arity: [0, 1000],
  options: { browser: { type: 'boolean', about: 'in an installed browser, also where Electron is' } },
  async run(call) {
    for (const name of ['model', 'adapter'])
      if (text(call, name) !== undefined)
        throw new UsageError(`readonce open takes no --${name}: the window has its own choice.`)
    const lost = call.args.find(path => !existsSync(path))
    if (lost !== undefined) throw new HostFailure('not-found', `There is no file or folder ${lost}.`)
    const library = text(call, 'library')
    await start([
      ...(call.options['browser'] === true ? ['--browser'] : []),
      ...(library === undefined ? [] : ['--library', resolve(library)]),
      ...call.args.map(path => resolve(path))
    ])
  }
}

/** The built command line lies in out/main. */
const startScript = () => join(import.meta.dirname, '..', '..', 'tools', 'start.mjs')

async function start(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [startScript(), ...args], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void child.kill('SIGTERM'))
  const code = await new Promise<number | null>((done, fail) => {
    child.once('error', fail)
    child.once('exit', done)
  })
  if (code !== 0)
    throw new HostFailure('not-found', 'The window could not be opened, or ended with an error.')
}
