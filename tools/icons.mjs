/**
 * Makes assets/icons/{icon.icns, icon.ico, sizes/*.png, icon.png} of renderer/ui/icon.svg, drawn by an installed browser:
 * run once when the drawing changes (`node tools/icons.mjs`), so that packing needs no tool for it.
 */
import { chromium } from '@playwright/test'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'assets', 'icons')
const drawing = `data:image/svg+xml;base64,${readFileSync(join(root, 'renderer/ui/icon.svg')).toString('base64')}`
const sizes = [16, 32, 48, 64, 128, 256, 512, 1024]

const browser = await chromium.launch({
  executablePath: process.env['READONCE_CHROMIUM'] ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : []
})
const page = await browser.newPage()
/** @type {Map<number, Buffer>} */
const pictures = new Map()
for (const size of sizes) {
  await page.setViewportSize({ width: size, height: size })
  await page.setContent(
    `<body style="margin:0"><img src="${drawing}" width="${size}" height="${size}" style="display:block">`
  )
  await page.locator('img').evaluate(image => /** @type {HTMLImageElement} */ (image).decode())
  pictures.set(size, await page.screenshot({ omitBackground: true }))
}
await browser.close()

/** @param {number} size */
const png = size => /** @type {Buffer} */ (pictures.get(size))
mkdirSync(join(folder, 'sizes'), { recursive: true })
for (const size of sizes.filter(each => each < 1024))
  writeFileSync(join(folder, 'sizes', `${size}x${size}.png`), png(size))
writeFileSync(join(folder, 'icon.png'), png(1024))
writeFileSync(join(folder, 'icon.icns'), icns())
writeFileSync(join(folder, 'icon.ico'), ico())

/** Apple's container: "icns", its length, then type, length and PNG of each size. */
function icns() {
  /** @type {[string, number][]} */
  const kinds = [
    ['ic11', 32],
    ['ic12', 64],
    ['ic07', 128],
    ['ic08', 256],
    ['ic09', 512],
    ['ic10', 1024]
  ]
  const entries = kinds.map(([kind, size]) => tagged(kind, png(size)))
  return tagged('icns', Buffer.concat(entries))
}

/**
 * @param {string} tag
 * @param {Buffer} content
 */
function tagged(tag, content) {
  const head = Buffer.alloc(8)
  head.write(tag, 'latin1')
  head.writeUInt32BE(content.length + 8, 4)
  return Buffer.concat([head, content])
}

/** Windows' container: a head of 6 bytes, 16 bytes about each picture, then the PNGs. 256 is written as 0. */
function ico() {
  const each = sizes.filter(size => size <= 256)
  const head = Buffer.alloc(6 + 16 * each.length)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(each.length, 4)
  let offset = head.length
  each.forEach((size, i) => {
    const at = 6 + 16 * i
    head.writeUInt8(size & 255, at)
    head.writeUInt8(size & 255, at + 1)
    head.writeUInt16LE(1, at + 4)
    head.writeUInt16LE(32, at + 6)
    head.writeUInt32LE(png(size).length, at + 8)
    head.writeUInt32LE(offset, at + 12)
    offset += png(size).length
  })
  return Buffer.concat([head, ...each.map(png)])
}
