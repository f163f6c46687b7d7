/**
 * The host for a browser: the same page, calls and bytes as in Electron, on 127.0.0.1.
 * `node out/main/browser-host.js [--port N] [--library DIR]` prints the address to open. Wiring only.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { HostFailure } from '../contract/failure'
import { openLibrary } from './disk/library'
import { embeddedModelName } from './disk/models'
import { dataFolder } from './disk/paths'
import { makeHost } from './host/host'
import { serveHttp } from './host/serve-http'

/** The built program lies in out/main. */
const root = join(import.meta.dirname, '..', '..')

async function start(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string' }, library: { type: 'string' } } })
  const port = Number(values.port ?? 0)
  if (!(Number.isInteger(port) && port >= 0 && port < 65_536))
    throw new HostFailure('bad-request', `--port is ${values.port}; give a number from 0 (any) to 65535.`)
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  const host = makeHost({
    library: await openLibrary(dataFolder(values.library)),
    embedded: { name: embeddedModelName, folder: join(root, 'assets', 'model') },
    version,
    software: `Node ${process.versions.node}`
  })
  const server = await serveHttp(host, join(root, 'out', 'renderer'), port)
  process.stdout.write(`${server.address}\n`)
  const stop = (): void => void server.close().then(() => host.close())
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

start().catch((error: unknown) => {
  process.stderr.write(`${String((error as Error)?.message ?? error)}\n`)
  const usage = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')
  process.exitCode = usage || (error instanceof HostFailure && error.code === 'bad-request') ? 2 : 1
})
