/**
 * A folder that looks like Electron's distribution to electron-builder: names, property lists, languages and the fuse wire,
 * with nothing in it that runs. Enough to see what would be packed, where, and with which fuses.
 */
import { createPackage } from '@electron/asar'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

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

const languages = ['de', 'en-GB', 'en-US', 'es', 'fr', 'ja', 'zh-CN']

export async function standInForElectron(folder: string, platform: 'linux' | 'darwin'): Promise<void> {
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
  if (platform === 'linux') {
    write('electron', wire)
    write('chrome-sandbox')
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

const plist = (name: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>CFBundleExecutable</key><string>${name}</string>
<key>CFBundleIdentifier</key><string>com.github.Electron</string>
<key>CFBundleName</key><string>${name}</string>
</dict></plist>
`
