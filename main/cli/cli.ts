#!/usr/bin/env node
/** `readonce`: the same engine, files and pages as the app, without a window. */
import { existsSync } from 'node:fs'
import { EngineFailure } from '../../gpu/index'
import { HostFailure, sentenceOf } from '../../contract/failure'
import { ask } from './commands/ask'
import { bench } from './commands/bench'
import { documents } from './commands/documents'
import { evaluate } from './commands/evaluate'
import { forget } from './commands/forget'
import { logits } from './commands/logits'
import { models } from './commands/models'
import { needle } from './commands/needle'
import { open } from './commands/open'
import { read } from './commands/read'
import { text } from './commands/text'
import { weights } from './commands/weights'
import { type Command, parseCommand, UsageError, usage } from './options'

const commands: Record<string, Command> = {
  open,
  ask,
  read,
  documents,
  forget,
  models,
  text,
  logits,
  needle,
  evaluate,
  bench,
  weights
}

async function main(args: readonly string[]): Promise<number> {
  let command: Command | undefined
  try {
    const parsed = parseCommand(commands, namesFile(args[0]) ? ['open', ...args] : args)
    if (parsed === 'help') {
      process.stdout.write(usage(commands))
      return 0
    }
    command = parsed.command
    return (await command.run(parsed.call)) ?? 0
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n\n${usage(commands)}`)
      return 2
    }
    const expected = error instanceof EngineFailure || error instanceof HostFailure
    process.stderr.write(
      `${expected || !(error instanceof Error) ? sentenceOf(error) : `Readonce failed: ${error.stack}`}${hint(error, command)}\n`
    )
    return 1
  }
}

/** What only the command line can do about it: the failures themselves are the window's too. */
function hint(error: unknown, command: Command | undefined): string {
  const { code } = error as { code?: string }
  if (code === 'disk-full') return ' Another place for the library: --library DIR.'
  return code === 'not-found' && command === forget ? ' "readonce documents" lists what there is.' : ''
}

/** `readonce FILE` opens it. A command's name wins; a file that is called so is given as ./NAME. */
const namesFile = (first: string | undefined): boolean =>
  first !== undefined && !Object.hasOwn(commands, first) && existsSync(first)

// Written to a pipe that was closed (`| head`): nobody reads on, so there is nothing left to do.
process.stdout.on('error', error => process.exit((error as NodeJS.ErrnoException).code === 'EPIPE' ? 0 : 1))
// A limit on the size of files then fails the write with its reason, instead of ending the program without a word.
if (process.platform !== 'win32') process.on('SIGXFSZ', () => undefined)
// Dawn's own threads keep the process alive; everything that must be on disk is there when main is done.
process.exitCode = await main(process.argv.slice(2))
process.stdout.write('', () => process.exit())
