/** What Chromium wants to know before it starts. */
import { app, protocol } from 'electron'
import { join } from 'node:path'
import { gpuPresent, graphicsSwitches, onWayland } from '../graphics'
import { GraphicsChoice } from './graphics-choice'

/** Where the page is at home: its files, its bytes, and nothing else. */
export const origin = 'app://readonce'

/** `home`: the folder the library starts from; Chromium's own files lie in it, too. Returns how the GPU is reached. */
export function beforeReady(home: string): GraphicsChoice {
  protocol.registerSchemesAsPrivileged([
    {
      scheme: 'app',
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true }
    }
  ])
  app.enableSandbox()
  if (!app.commandLine.hasSwitch('user-data-dir')) app.setPath('userData', join(home, 'window'))
  if (process.platform === 'win32') app.setAppUserModelId('org.readonce.app')
  const { commandLine } = app
  // No name is found and no proxy is looked for: whatever Chromium would like to ask, it stays on this computer.
  commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND')
  commandLine.appendSwitch('no-proxy-server')
  commandLine.appendSwitch('disable-background-networking')
  // Nobody's passwords are kept, so no keyring need be asked for a key.
  if (process.platform === 'linux') commandLine.appendSwitch('password-store', 'basic')
  return switchWebGpuOn(home)
}

function switchWebGpuOn(home: string): GraphicsChoice {
  const { commandLine } = app
  const platformSwitch = commandLine.getSwitchValue('ozone-platform')
  const screen = {
    platform: process.platform,
    gpu: gpuPresent(),
    wayland: onWayland(platformSwitch)
  }
  const hasPlain = graphicsSwitches(screen, 'automatic').length !== graphicsSwitches(screen, 'plain').length
  const choice = new GraphicsChoice(home, app.getVersion(), {
    hasPlain,
    onX11: platformSwitch === 'x11',
    hasX11: onWayland('') && !!process.env['DISPLAY']
  })
  // What a person gave on the command line stands.
  for (const [name, value = ''] of graphicsSwitches(screen, choice.now))
    if (!commandLine.hasSwitch(name)) commandLine.appendSwitch(name, value)
  commandLine.appendSwitch('force_high_performance_gpu')
  // A lost device is a named state with a button to go on; Chromium would otherwise shut the page out after a few.
  app.disableDomainBlockingFor3DAPIs()
  return choice
}
