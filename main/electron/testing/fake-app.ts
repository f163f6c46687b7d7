/**
 * `app` of the fake, with the life of the program: what quitting does, in Electron's order, is in `quit`.
 * `on` and `once` are EventEmitter's and not compared: theirs is one signature, electron.d.ts has an overload an event.
 */
import type * as Electron from 'electron'
import { EventEmitter } from 'node:events'

/** A real event knows whether it was prevented. */
export const event = () => ({
  defaultPrevented: false,
  preventDefault(): void {
    this.defaultPrevented = true
  }
})

type Used =
  | 'isPackaged'
  | 'name'
  | 'addRecentDocument'
  | 'disableDomainBlockingFor3DAPIs'
  | 'enableSandbox'
  | 'exit'
  | 'getAppMetrics'
  | 'getLocale'
  | 'getVersion'
  | 'quit'
  | 'relaunch'
  | 'releaseSingleInstanceLock'
  | 'requestSingleInstanceLock'
  | 'setAppUserModelId'
  | 'setPath'
  | 'whenReady'

export class FakeApp extends EventEmitter implements Pick<Electron.App, Used> {
  // What is packed finds its assets in resourcesPath, whatever folder the program lies in.
  readonly isPackaged = true
  readonly name = 'Readonce'
  readonly switches = new Map<string, string>()
  readonly recent: string[] = []
  readonly relaunched: (Electron.RelaunchOptions | undefined)[] = []
  readonly paths = new Map<string, string>()
  sandboxed = false
  domainsBlocked = true
  ready = false
  exitCode: number | undefined
  handedOver: unknown
  locked = false
  /** Closes all windows, as quitting does. False: one of them stays, and the program with it. */
  closeWindows = (): boolean => true

  readonly commandLine = {
    appendSwitch: (name, value = '') => void this.switches.set(name, value),
    hasSwitch: name => this.switches.has(name),
    getSwitchValue: name => this.switches.get(name) ?? ''
  } satisfies Pick<Electron.CommandLine, 'appendSwitch' | 'hasSwitch' | 'getSwitchValue'>

  /** What the system has to tell before the app is ready, as macOS does with files. */
  early = (): void => undefined
  whenReady = async (): Promise<void> => {
    this.early()
    this.ready = true
  }
  getVersion = (): string => '9.9.9'
  getLocale = (): string => 'en-GB'
  getAppMetrics = (): Electron.ProcessMetric[] => [
    {
      type: 'GPU',
      pid: 1,
      creationTime: 0,
      cpu: { percentCPUUsage: 0, idleWakeupsPerSecond: 0 },
      memory: { workingSetSize: 204_800, peakWorkingSetSize: 204_800 }
    }
  ]
  enableSandbox = (): void => void (this.sandboxed = true)
  disableDomainBlockingFor3DAPIs = (): void => void (this.domainsBlocked = false)
  setAppUserModelId = (): void => undefined
  setPath = (name: string, path: string): void => void this.paths.set(name, path)
  addRecentDocument = (path: string): void => void this.recent.push(path)
  relaunch = (options?: Electron.RelaunchOptions): void => void this.relaunched.push(options)
  requestSingleInstanceLock = (data?: Record<string, unknown>): boolean => {
    this.handedOver = data
    return (this.locked = true)
  }
  releaseSingleInstanceLock = (): void => void (this.locked = false)
  exit = (code = 0): void => {
    this.exitCode = code
    this.emit('quit', event(), code)
  }
  quit = (): void => {
    this.emit('before-quit', event())
    if (!this.closeWindows()) return
    const will = event()
    this.emit('will-quit', will)
    if (!will.defaultPrevented) this.exit(0)
  }
}

export const app = new FakeApp()
