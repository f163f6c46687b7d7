/** What Chromium wants to know before it starts. */
import { app, protocol } from 'electron'
import { join } from 'node:path'
import { gpuPresent } from '../gpu-present'

/** Where the page is at home: its files, its bytes, and nothing else. */
export const origin = 'app://readonce'

/** `home`: the folder the library starts from; Chromium's own files lie in it, too. */
export function beforeReady(home: string): void {
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
  switchWebGpuOn()
}

function switchWebGpuOn(): void {
  const { commandLine } = app
  if (!gpuPresent()) commandLine.appendSwitch('use-webgpu-adapter', 'swiftshader')
  // Chromium on Linux keeps WebGPU from most adapters, and everywhere from SwiftShader, without these.
  if (process.platform === 'linux' || commandLine.hasSwitch('use-webgpu-adapter'))
    commandLine.appendSwitch('enable-unsafe-webgpu')
  if (process.platform === 'linux' && gpuPresent()) commandLine.appendSwitch('enable-features', 'Vulkan')
  commandLine.appendSwitch('force_high_performance_gpu')
  // A lost device is a named state with a button to go on; Chromium would otherwise shut the page out after a few.
  app.disableDomainBlockingFor3DAPIs()
}
