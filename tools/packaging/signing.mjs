/**
 * How a program for macOS is signed. Without a certificate electron-builder signs nothing, and what is not signed does not start
 * on Apple Silicon; told to sign with "-" it would not look for a certificate. So it is told by what there is.
 */
import { spawnSync } from 'node:child_process'

/**
 * Options of electron-builder; none on another system, which cannot sign.
 * @param {NodeJS.ProcessEnv} env
 * @param {NodeJS.Platform} platform
 * @param {() => string} keychain what `security find-identity` prints
 * @returns {string[]}
 */
export function signingOptions(env = process.env, platform = process.platform, keychain = identities) {
  if (platform !== 'darwin') return []
  const named = env['CSC_LINK'] || env['CSC_NAME']
  const looks = env['CSC_IDENTITY_AUTO_DISCOVERY'] !== 'false'
  if (!named && !(looks && keychain().includes('Developer ID Application:')))
    // electron-builder's own entitlements fit: nobody vouches for the libraries then.
    return ['-c.mac.identity=-']
  const own = 'assets/packaging/entitlements.mac.plist'
  return [`-c.mac.entitlements=${own}`, `-c.mac.entitlementsInherit=${own}`]
}

function identities() {
  return (
    spawnSync('security', ['find-identity', '-v', '-p', 'codesigning'], { encoding: 'utf8' }).stdout ?? ''
  )
}
