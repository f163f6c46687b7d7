/** Electron's utilityProcess over processes of Node: real ones, which can be killed and run out of memory. */
import type * as Electron from 'electron'
import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { join } from 'node:path'
import { app } from './fake-app'

const running = new Set<FakeUtility>()
/** Those that were started and have not ended. */
export const utilities = (): FakeUtility[] => [...running]

class FakeUtility extends EventEmitter {
  private readonly process: ChildProcess

  constructor(
    readonly program: string,
    readonly options: Electron.ForkOptions
  ) {
    super()
    this.process = fork(join(import.meta.dirname, 'as-utility.mjs'), [program], {
      // As in Electron, messages are structured clones.
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc']
    })
    running.add(this)
    this.process.on('spawn', () => this.emit('spawn'))
    this.process.on('message', message => this.emit('message', message))
    this.process.on('exit', code => {
      running.delete(this)
      this.emit('exit', code ?? 9)
    })
  }

  get pid(): number | undefined {
    return this.process.pid
  }

  postMessage(message: unknown): void {
    if (this.process.connected) this.process.send(message as object)
  }

  kill(): boolean {
    return this.process.kill()
  }
}

export const utilityProcess = {
  fork(program, args = [], options = {}) {
    if (!app.ready) throw new Error('utilityProcess cannot be created before app is ready.')
    if (args.length > 0) throw new Error('arguments are not handed on by this stand-in')
    return new FakeUtility(program, options) as unknown as Electron.UtilityProcess
  }
} satisfies Pick<typeof Electron.utilityProcess, 'fork'>
