/**
 * electron-builder's own builds, run here around stand-ins for Electron and for its tools: what is packed and where, the fuses,
 * the languages, the file types, and the trees that an AppImage and a deb are made of. Nothing is signed, no Electron is run.
 */
import { extractAll, extractFile, listPackage } from '@electron/asar'
import { getFileMatchers } from 'app-builder-lib/out/fileMatcher.js'
import { getConfig } from 'app-builder-lib/out/util/config/config.js'
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { noticesOf, packagesOf } from '../licences.mjs'
import { platformOf } from './platform.mjs'
import { signingOptions } from './signing.mjs'
import { fusesIn, type Platform, standInForCodesign, standInForElectron, standInForTools } from './stand-in'

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'readonce-packed-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const built = existsSync(join(root, 'out', 'main', 'electron.js'))

/** In the order of Electron's FuseV1Options; the ninth is Electron's own default. */
const fuses = '000011101'
/** docs/weights.md, "Made on this computer". */
const madeWeights = ['f16', 'int8', 'int4'].map(precision => `model.${precision}.safetensors`)
/** Of the models that come with the program, below assets/models. */
const ownFiles = (): string[] =>
  filesIn(join(root, 'assets', 'models')).filter(path => !madeWeights.some(name => path.endsWith(name)))
const filesIn = (parent: string): string[] =>
  readdirSync(parent, { recursive: true, encoding: 'utf8' })
    .filter(path => statSync(join(parent, path)).isFile())
    .sort()
const extensions = 'csv docx epub html json log md odt pdf rtf txt'.split(' ')

/** `npm run package` behind its build; resolves to what it said when it ends well. */
async function pack(
  platform: Platform,
  arch: string,
  output: string,
  targets: readonly string[] = ['--dir'],
  env: NodeJS.ProcessEnv = {}
): Promise<string> {
  const electron = join(folder, `electron-${platform}`)
  await standInForElectron(electron, platform)
  const builder = spawn(
    process.execPath,
    [
      join(root, 'tools', 'packaging', 'package.mjs'),
      { linux: '--linux', darwin: '--mac', win32: '--win' }[platform],
      ...targets,
      `--${arch}`,
      `-c.electronDist=${electron}`,
      `-c.directories.output=${output}`
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } }
  )
  let said = ''
  builder.stdout.on('data', piece => (said += piece))
  builder.stderr.on('data', piece => (said += piece))
  const code = await new Promise(done => builder.once('close', done))
  if (code !== 0) throw new Error(said)
  return said
}

describe('licences', () => {
  const packages = packagesOf(root)

  test('every package in the program is known, and has a licence that allows it', () => {
    const names = packages.map(({ name }) => name)
    // Bundled, packed, and what those bring along.
    for (const name of [
      'react',
      '@codemirror/view',
      'koffi',
      '@embedpdf/pdfium',
      'jschardet',
      'chardetng-wasm',
      'iconv-lite',
      'htmlparser2',
      'zod'
    ])
      expect(names).toContain(name)
    expect(names).not.toContain('vitest')
    for (const { name, licence } of packages)
      expect([name, licence]).toEqual([name, expect.stringMatching(/\b(MIT|ISC|BSD|Apache-2\.0|0BSD)\b/)])
  })

  test('the notices hold their texts', () => {
    const notices = noticesOf(packages)
    for (const { name, version, text } of packages) {
      expect(notices).toContain(`${name} ${version}\n`)
      if (text) expect(notices).toContain(text)
    }
    expect(packages.filter(({ text }) => !text).length).toBeLessThan(5)
  })
})

test('weights that --weights made beside the model are not packed', async () => {
  const config = await getConfig(root, null, null)
  const matchers = getFileMatchers(config, 'extraResources', folder, {
    macroExpander: pattern => pattern,
    customBuildOptions: {},
    globalOutDir: folder,
    defaultSrc: root
  })
  const models = matchers?.find(({ from }) => from === join(root, 'assets', 'models'))
  const packs = (name: string) =>
    models?.createFilter()(join(models.from, name), statSync(join(root, 'package.json')))
  const made = madeWeights.flatMap(name => [name, `${name}.tmp`, `${name}.lock`])
  // A model that is not there yet is packed as those that are.
  for (const folder of [...new Set(['base', ...readdirSync(join(root, 'assets', 'models'))])])
    expect(made.map(name => join(folder, name)).filter(packs)).toEqual([])
  const own = ownFiles()
  expect(own).toContain(join('small', 'model.safetensors'))
  expect(own.filter(packs)).toEqual(own)
  expect(packs(join('base', 'model.safetensors'))).toBe(true)
})

test('one platform is packed at a time, by default the computer’s', () => {
  expect(platformOf(['--dir', '--x64'], 'darwin')).toBe('darwin')
  expect(platformOf(['--win', 'nsis', '--arm64'], 'linux')).toBe('win32')
  expect(platformOf(['-m'], 'linux')).toBe('darwin')
  expect(() => platformOf(['--linux', '--win'], 'linux')).toThrow('linux and win32 were asked for')
})

describe('the signature for macOS', () => {
  const own = 'assets/packaging/entitlements.mac.plist'
  const certified = [`-c.mac.entitlements=${own}`, `-c.mac.entitlementsInherit=${own}`]
  const found = '1) 0A "Developer ID Application: Somebody (TEAM)"'
  test.each<[string, NodeJS.ProcessEnv, NodeJS.Platform, string, string[]]>([
    ['none at hand', {}, 'darwin', '0 valid identities found', ['-c.mac.identity=-']],
    ['one in the keychain', {}, 'darwin', found, certified],
    [
      'one not to be looked for',
      { CSC_IDENTITY_AUTO_DISCOVERY: 'false' },
      'darwin',
      found,
      ['-c.mac.identity=-']
    ],
    ['one given', { CSC_LINK: 'file.p12' }, 'darwin', '', certified],
    ['another system', {}, 'linux', found, []]
  ])('%s', (_, env, platform, keychain, options) => {
    expect(signingOptions(env, platform, () => keychain)).toEqual(options)
  })

  test('with a certificate V8 may compile, and that is all', () => {
    const allowed = [...readFileSync(join(root, own), 'utf8').matchAll(/<key>(.*)<\/key>/g)].map(
      ([, key]) => key
    )
    expect(allowed).toEqual(['com.apple.security.cs.allow-jit'])
  })
})

describe('file types', () => {
  test('Windows offers Readonce beside what opened them before', () => {
    const script = readFileSync(join(root, 'assets/packaging/installer.nsh'), 'utf8')
    const named = [...script.matchAll(/insertmacro \$\{MACRO\} "(\w+)"/g)].map(match => match[1])
    expect(named.sort()).toEqual(extensions)
    // The value without a name is the default program.
    expect(script).not.toMatch(/Classes\\\.\$\{EXT\}" ""/)
  })
})

describe.skipIf(!built)('a directory for Linux', () => {
  const output = join(folder, 'linux')
  const app = join(output, 'linux-unpacked')
  const archive = join(app, 'resources', 'app.asar')
  const extracted = join(folder, 'extracted')
  beforeAll(async () => {
    execFileSync(process.execPath, [join(root, 'tools', 'licences.mjs')])
    await pack('linux', 'x64', output)
    extractAll(archive, extracted)
  }, 300_000)
  const files = () => listPackage(archive, { isPack: false }).map(path => path.replaceAll('\\', '/'))

  test('holds the program, and not what a checkout needs besides', () => {
    for (const path of [
      '/out/main/electron.js',
      '/out/main/extract-process.js',
      '/out/preload/preload.cjs',
      '/package.json',
      '/LICENSE'
    ])
      expect(files()).toContain(path)
    expect(files()).not.toContain('/out/main/cli.js')
    expect(files()).not.toContain('/out/main/browser-host.js')
    expect(
      files().filter(path => /\.(map|ts|[cm]ts)$|^\/(main|gpu|renderer|e2e|tools)\//.test(path))
    ).toEqual([])
    const unpacked = join(extracted, 'out', 'renderer')
    const index = join(root, 'out', 'renderer')
    if (existsSync(index)) expect(readdirSync(unpacked)).toEqual(readdirSync(index))
  })

  test('holds every package that the program imports, and none of the page’s', () => {
    const folders = readdirSync(join(extracted, 'out', 'main'))
    const bare = new Set<string>()
    for (const name of folders) {
      const source = readFileSync(join(extracted, 'out', 'main', name), 'utf8')
      for (const [, found] of source.matchAll(/(?:from|import|import\()\s*["']([^."'][^"']*)["']/g))
        if (!found.startsWith('node:') && found !== 'electron') bare.add(found)
    }
    expect([...bare]).toContain('zod')
    const require = createRequire(join(extracted, 'out', 'main', 'electron.js'))
    for (const name of bare) expect(require.resolve(name).startsWith(extracted)).toBe(true)
    for (const name of ['react', '@codemirror/view', 'webgpu', 'vite', 'electron'])
      expect(existsSync(join(extracted, 'node_modules', name))).toBe(false)
    const known = packagesOf(root).map(({ name }) => name)
    const packed = readdirSync(join(extracted, 'node_modules')).filter(name => !name.startsWith('@'))
    expect(packed.filter(name => !known.includes(name) && name !== '.package-lock.json')).toEqual([])
  })

  test('keeps native code, weights and licences outside of the archive', () => {
    const beside = join(app, 'resources')
    const natives = readdirSync(join(beside, 'app.asar.unpacked'), { recursive: true, encoding: 'utf8' })
    const koffi = natives.filter(path => path.endsWith('.node'))
    expect(koffi.every(path => path.includes('koffi-linux-x64'))).toBe(true)
    if (process.platform === 'linux' && process.arch === 'x64') expect(koffi.length).toBeGreaterThan(0)
    const models = ownFiles()
    expect(models).toContain(join('small', 'model.safetensors'))
    expect(filesIn(join(beside, 'assets', 'models'))).toEqual(models)
    for (const name of models)
      expect(
        readFileSync(join(beside, 'assets', 'models', name)).equals(
          readFileSync(join(root, 'assets', 'models', name))
        )
      ).toBe(true)
    expect(readdirSync(join(beside, 'assets', 'samples'))).toEqual(
      readdirSync(join(root, 'assets', 'samples'))
    )
    expect(readFileSync(join(beside, 'NOTICES.md'), 'utf8')).toContain('licence')
    expect(readFileSync(join(beside, 'THIRD-PARTY.txt'), 'utf8')).toBe(noticesOf(packagesOf(root)))
    expect(existsSync(join(app, 'LICENSES.chromium.html'))).toBe(true)
  })

  test('has its fuses set and no language that the window lacks', () => {
    expect(fusesIn(readFileSync(join(app, 'readonce')))).toBe(fuses)
    expect(readdirSync(join(app, 'locales')).sort()).toEqual(['de.pak', 'en-GB.pak', 'en-US.pak'])
  })
})

describe.skipIf(!built || process.platform !== 'linux')('packages for Linux', () => {
  const output = join(folder, 'packages')
  const trees = join(folder, 'trees')
  let said: string
  beforeAll(async () => {
    const env = standInForTools(join(folder, 'tools'), trees)
    said = await pack('linux', 'x64', output, ['AppImage', 'deb'], env)
  }, 300_000)
  const entries = (path: string) =>
    new Map(
      readFileSync(join(trees, path), 'utf8')
        .split('\n')
        .filter(line => line.includes('='))
        .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
    )
  // Desktop Entry Specification, "The Exec key": at most one of these, and each of them an argument of its own.
  const fieldCodes = (exec: string) => exec.split(' ').filter(part => part.startsWith('%'))

  test.each([
    ['AppImage/readonce.desktop', 'AppRun %U'],
    ['deb/usr/share/applications/readonce.desktop', '/opt/Readonce/readonce %F']
  ])('%s starts the program with the files of the file manager, once', (path, exec) => {
    expect(entries(path).get('Exec')).toBe(exec)
    expect(fieldCodes(exec)).toHaveLength(1)
  })

  test.each(['AppImage/readonce.desktop', 'deb/usr/share/applications/readonce.desktop'])(
    '%s is the one that the window names',
    path => {
      const packed = join(output, 'linux-unpacked', 'resources', 'app.asar')
      const { desktopName } = JSON.parse(extractFile(packed, 'package.json').toString()) as {
        desktopName?: string
      }
      expect(desktopName).toBe(path.split('/').at(-1))
      expect(entries(path).get('StartupWMClass')).toBe('readonce')
      expect(entries(path).get('Icon')).toBe('readonce')
      expect(entries(path).get('MimeType')).toContain('application/pdf;')
      expect(said).not.toContain('desktopName is not set')
    }
  )

  test('the AppImage brings its own FUSE', () => {
    // The runtime lies before the file system; the old one, for libfuse.so.2, has another place among the tools.
    const [image] = readdirSync(output).filter(name => name.endsWith('.AppImage'))
    expect(readFileSync(join(output, image)).toString('latin1').startsWith('static runtime')).toBe(true)
  })

  test('the AppImage gives its arguments on, and goes without a sandbox where none can be made', () => {
    const run = readFileSync(join(trees, 'AppImage', 'AppRun'), 'utf8')
    expect(run).toContain('exec "$BIN" "${NO_SANDBOX[@]}" "${args[@]}"')
    // Told in docs/packaging.md and in Diagnostics: a newer electron-builder may do it otherwise.
    expect(run).toMatch(/unshare -Ur true.*\n\s*NO_SANDBOX=\(--no-sandbox\)/)
  })

  test('the deb brings the profile by which AppArmor lets it make its sandbox', () => {
    const profile = readFileSync(join(trees, 'deb/opt/Readonce/resources/apparmor-profile'), 'utf8')
    expect(profile).toMatch(
      /profile "readonce" "\/opt\/Readonce\/readonce" flags=\(unconfined\) \{\s*userns,/
    )
    expect(readFileSync(join(trees, 'deb', 'after-install'), 'utf8')).toContain('/etc/apparmor.d/readonce')
  })

  test.each(['AppImage', 'deb/opt/Readonce'])('%s holds the whole program', path => {
    for (const name of ['readonce', 'resources/app.asar', 'resources/assets/models/small/model.safetensors'])
      expect(existsSync(join(trees, path, name))).toBe(true)
    expect(fusesIn(readFileSync(join(trees, path, 'readonce')))).toBe(fuses)
  })
})

describe.skipIf(!built).each([
  ['linux', 'arm64', 'linux-arm64-unpacked', 'readonce'],
  ['win32', 'x64', 'win-unpacked', 'Readonce.exe'],
  ['win32', 'arm64', 'win-arm64-unpacked', 'Readonce.exe']
] as const)('a directory for %s, %s', (platform, arch, name, program) => {
  const output = join(folder, `${platform}-${arch}`)
  const app = join(output, name)
  const archive = join(app, 'resources', 'app.asar')
  beforeAll(async () => {
    // The icon and the names in an .exe are written by a tool that would be fetched.
    const options = platform === 'win32' ? ['-c.win.signAndEditExecutable=false'] : []
    await pack(platform, arch, output, ['--dir', ...options])
  }, 300_000)

  test('holds the same program, with the same fuses', () => {
    const packed = listPackage(archive, { isPack: false }).map(path => path.replaceAll('\\', '/'))
    for (const path of readdirSync(join(root, 'out', 'main')).filter(
      file => !['cli.js', 'browser-host.js'].includes(file)
    ))
      expect(packed).toContain(`/out/main/${path}`)
    expect(packed).not.toContain('/out/main/cli.js')
    expect(existsSync(join(app, 'resources', 'assets', 'models', 'small', 'model.safetensors'))).toBe(true)
    expect(readdirSync(join(app, 'locales')).sort()).toEqual(['de.pak', 'en-GB.pak', 'en-US.pak'])
    expect(fusesIn(readFileSync(join(app, program)))).toBe(fuses)
  })

  test('holds no native code of another platform', () => {
    const beside = join(app, 'resources', 'app.asar.unpacked')
    const natives = readdirSync(beside, { recursive: true, encoding: 'utf8' }).filter(path =>
      path.endsWith('.node')
    )
    expect(natives.filter(path => !path.includes(`koffi-${platform}-${arch}`))).toEqual([])
  })
})

describe.skipIf(!built || process.platform === 'win32')('a directory for macOS', () => {
  const output = join(folder, 'darwin')
  const contents = join(output, 'mac-arm64', 'Readonce.app', 'Contents')
  const signed = join(folder, 'signed.txt')
  beforeAll(async () => {
    const env = process.platform === 'darwin' ? {} : standInForCodesign(folder, signed)
    await pack('darwin', 'arm64', output, undefined, env)
  }, 300_000)

  test.skipIf(process.platform === 'darwin')(
    'is signed anew behind its fuses, which Apple Silicon wants',
    () => {
      const calls = readFileSync(signed, 'utf8').trim().split('\n')
      expect(calls).toHaveLength(1)
      expect(calls[0]).toMatch(/^--sign - --force .*--deep .*Readonce\.app .*fuses 000011101$/)
    }
  )

  test('is nobody’s default and opens all file types', () => {
    const plist = readFileSync(join(contents, 'Info.plist'), 'utf8')
    const types = plist.split('<key>CFBundleTypeExtensions</key>').slice(1)
    const named = types.flatMap(each =>
      [...each.split('</array>')[0].matchAll(/<string>(\w+)<\/string>/g)].map(match => match[1])
    )
    expect(named.sort()).toEqual(extensions)
    for (const type of types) {
      expect(type).toMatch(/<key>CFBundleTypeRole<\/key>\s*<string>Viewer<\/string>/)
      expect(type).toMatch(/<key>LSHandlerRank<\/key>\s*<string>Alternate<\/string>/)
    }
    expect(plist).toContain('<string>org.readonce.app</string>')
    expect(existsSync(join(contents, 'Resources', 'icon.icns'))).toBe(true)
  })

  test('has its fuses set, its weights beside the archive, and no other platform’s native code', () => {
    const framework = join(contents, 'Frameworks', 'Electron Framework.framework', 'Electron Framework')
    expect(fusesIn(readFileSync(framework))).toBe(fuses)
    expect(existsSync(join(contents, 'Resources', 'assets', 'models', 'small', 'model.safetensors'))).toBe(
      true
    )
    const all = readdirSync(join(contents, 'Resources'), { recursive: true, encoding: 'utf8' })
    expect(all.filter(path => path.endsWith('.node') && !path.includes('koffi-darwin-arm64'))).toEqual([])
  })
})
