/** `npm run package`: electron-builder, and on macOS the signature that fits what this computer has. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { signingOptions } from './signing.mjs'

const builder = join(import.meta.dirname, '..', '..', 'node_modules', 'electron-builder', 'cli.js')
const options = [...process.argv.slice(2), ...signingOptions()]
const { status } = spawnSync(process.execPath, [builder, ...options], { stdio: 'inherit' })
process.exit(status ?? 1)
