/**
 * A folder that looks like Electron's distribution to electron-builder: names, property lists, languages and the fuse wire,
 * with nothing in it that runs. Enough to see what would be packed, where, and with which fuses.
 */
import { createPackage } from '@electron/asar'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { NtExecutable, NtExecutableResource, Resource } from 'resedit'

/** Found in the binary by @electron/fuses; behind it a version, a length and one letter a fuse. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'
/** As Electron ships it. */
const shipped = '101001111'

const wire = Buffer.concat([
  Buffer.alloc(1000, 1),
  Buffer.from(sentinel, 'latin1'),
  Buffer.from([1, shipped.length]),
  Buffer.from(shipped, 'latin1'),
  Buffer.alloc(1000, 1)
])

/** The letters behind the sentinel: '0' off, '1' on, in the order of Electron's FuseV1Options. */
export function fusesIn(binary: Buffer): string {
  const at = binary.indexOf(sentinel, 0, 'latin1') + sentinel.length
  return binary.toString('latin1', at + 2, at + 2 + binary[at + 1])
}

export type Platform = 'linux' | 'darwin' | 'win32'

const languages = ['de', 'en-GB', 'en-US', 'es', 'fr', 'ja', 'zh-CN']

export async function standInForElectron(folder: string, platform: Platform): Promise<void> {
  const write = (path: string, content: string | Buffer = path): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content, { mode: 0o755 })
  }
  const archive = async (path: string): Promise<void> => {
    write('source/main.js')
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    await createPackage(join(folder, 'source'), join(folder, path))
  }
  write('version', '45.4.1')
  write('LICENSE')
  write('LICENSES.chromium.html')
  if (platform !== 'darwin') {
    if (platform === 'linux') write('electron', wire)
    else write('electron.exe', Buffer.concat([programForWindows(), wire]))
    if (platform === 'linux') write('chrome-sandbox')
    for (const language of languages) write(`locales/${language}.pak`)
    return archive('resources/default_app.asar')
  }
  const app = 'Electron.app/Contents'
  write(`${app}/MacOS/Electron`)
  write(`${app}/Info.plist`, plist('Electron'))
  write(`${app}/PkgInfo`)
  write(`${app}/Resources/electron.icns`)
  const framework = `${app}/Frameworks/Electron Framework.framework`
  write(`${framework}/Electron Framework`, wire)
  write(`${framework}/Versions/A/Electron Framework`, wire)
  for (const language of languages)
    for (const place of [`${app}/Resources`, `${framework}/Resources`, `${framework}/Versions/A/Resources`])
      write(`${place}/${language.replace('-', '_')}.lproj/locale.pak`)
  for (const kind of ['', ' (GPU)', ' (Plugin)', ' (Renderer)']) {
    const helper = `Electron Helper${kind}`
    write(`${app}/Frameworks/${helper}.app/Contents/Info.plist`, plist(helper))
    write(`${app}/Frameworks/${helper}.app/Contents/MacOS/${helper}`)
  }
  return archive(`${app}/Resources/default_app.asar`)
}

/** Without code; electron-builder writes the archive's checksum into its resources, so it has some. */
function programForWindows(): Buffer {
  const program = NtExecutable.createEmpty()
  const resources = NtExecutableResource.from(program)
  const version = Resource.VersionInfo.createEmpty()
  version.setStringValues({ lang: 1033, codepage: 1200 }, { ProductName: 'Electron' })
  version.outputToResourceEntries(resources.entries)
  resources.outputResource(program)
  return Buffer.from(program.generate())
}

const script = (path: string, body: string): void => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `#!/usr/bin/env bash\nset -eu\n${body}\n`, { mode: 0o755 })
}

/**
 * What electron-builder would fetch to make an AppImage and a deb. Instead of packing, the two tools leave in `trees` what
 * they were to pack: AppImage/ and deb/. Returns the environment that names them.
 */
export function standInForTools(folder: string, trees: string): NodeJS.ProcessEnv {
  const appImage = join(folder, 'appimage')
  for (const path of ['runtimes/runtime-x64', 'lib/x64/libnone.so', 'desktop-file-validate'])
    script(join(appImage, path), '')
  writeFileSync(join(appImage, 'runtimes', 'runtime-x64'), 'static runtime')
  mkdirSync(join(trees, 'AppImage'), { recursive: true })
  mkdirSync(join(trees, 'deb'), { recursive: true })
  // mksquashfs FOLDER FILE ...
  script(
    join(appImage, 'mksquashfs'),
    `cp -a "$1/." '${join(trees, 'AppImage')}'\nhead -c 4096 /dev/zero > "$2"`
  )
  // fpm ... --after-install SCRIPT --package FILE ... FROM=TO ...; a folder's name ends with a slash.
  script(
    join(folder, 'fpm'),
    `while [ $# -gt 0 ]; do
  case "$1" in
    --after-install) cp "$2" '${join(trees, 'deb', 'after-install')}'; shift ;;
    --package) echo deb > "$2"; shift ;;
    /*/=/*) to='${join(trees, 'deb')}'"\${1##*/=}"; mkdir -p "$to"; cp -a "\${1%%=*}." "$to" ;;
    /*=/*) to='${join(trees, 'deb')}'"\${1##*=}"; mkdir -p "$(dirname "$to")"; cp "\${1%%=*}" "$to" ;;
  esac
  shift
done`
  )
  return { APPIMAGE_TOOLS_PATH: appImage, CUSTOM_FPM_PATH: join(folder, 'fpm') }
}

/** Notes in `signed` how it was called, and which fuses the program had then. Returns the environment that finds it. */
export function standInForCodesign(folder: string, signed: string): NodeJS.ProcessEnv {
  const framework = 'Contents/Frameworks/Electron Framework.framework/Electron Framework'
  const fuses = `grep -ao '${sentinel}...........' "\${!#}/${framework}" | tail -c ${shipped.length + 1}`
  script(join(folder, 'bin', 'codesign'), `echo "$* fuses $(${fuses})" >> '${signed}'`)
  return { PATH: `${join(folder, 'bin')}:${process.env['PATH']}` }
}

const plist = (name: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>CFBundleExecutable</key><string>${name}</string>
<key>CFBundleIdentifier</key><string>com.github.Electron</string>
<key>CFBundleName</key><string>${name}</string>
</dict></plist>
`
