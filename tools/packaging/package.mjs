/** `npm run package`: electron-builder, and on macOS the signature that fits what this computer has. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { platformOf } from './platform.mjs'
import { signingOptions } from './signing.mjs'

const builder = join(import.meta.dirname, '..', '..', 'node_modules', 'electron-builder', 'cli.js')
const options = [...process.argv.slice(2), ...signingOptions()]
const env = { ...process.env, READONCE_PLATFORM: platformOf(options, process.platform) }
const { status } = spawnSync(process.execPath, [builder, ...options], { stdio: 'inherit', env })
process.exit(status ?? 1)
