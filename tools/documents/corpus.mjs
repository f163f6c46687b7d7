/** The documents of folders and of bare Git repositories, each once; publications that lie there unpacked are packed. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { zipSync } from 'fflate'

/** Larger ones take minutes in a peer. */
const largest = 8 << 20
const rootOfEpub = /(?:^|\/)META-INF\/container\.xml$/

/** @typedef {{ name: string, bytes: () => Buffer }} Entry */
/** @typedef {{ name: string, path: string, format: string, digest: string }} Document */

/**
 * @param {readonly string[]} places folders, bare repositories and files
 * @param {readonly string[]} formats
 * @param {string} into where the documents are put, named by their digests
 * @returns {Document[]}
 */
export function documentsOf(places, formats, into) {
  /** @type {Map<string, Document>} */
  const documents = new Map()
  /** @param {string} name @param {Uint8Array} content @param {string} format */
  const take = (name, content, format) => {
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 24)
    // A pointer of Git LFS is no document.
    const pointer = /^version https:\/\/git-lfs/.test(Buffer.from(content.subarray(0, 24)).toString())
    if (documents.has(digest) || content.length > largest || pointer) return
    const path = join(into, `${digest}.${format}`)
    if (!existsSync(path)) writeFileSync(path, content)
    documents.set(digest, { name, path, format, digest })
  }
  for (const place of places) {
    const entries = isBareRepository(place) ? inRepository(place) : inFolder(place)
    for (const { name, bytes } of entries) {
      const format = formatOf(name)
      if (!formats.includes(format)) continue
      try {
        take(`${place}:${name}`, bytes(), format)
      } catch {
        // The largest objects of a shallow copy may be absent.
      }
    }
    if (formats.includes('epub'))
      for (const { name, content } of packedOf(entries)) take(`${place}:${name}`, content, 'epub')
  }
  return [...documents.values()]
}

/** @param {string} name */
const formatOf = name =>
  extname(name)
    .slice(1)
    .toLowerCase()
    .replace(/^x?html?$/, 'html')

/** @param {string} place */
const isBareRepository = place => existsSync(join(place, 'HEAD')) && existsSync(join(place, 'objects'))

/**
 * @param {string} place
 * @returns {Entry[]}
 */
function inRepository(place) {
  const git = (/** @type {string[]} */ ...args) =>
    execFileSync('git', ['-C', place, ...args], { maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] })
  return git('ls-tree', '-r', '-z', 'HEAD')
    .toString()
    .split('\0')
    .flatMap(line => {
      const [, object, name] = /^\d+ blob (\w+)\t(.*)$/s.exec(line) ?? []
      return object === undefined ? [] : [{ name, bytes: () => git('cat-file', 'blob', object) }]
    })
}

/**
 * @param {string} place
 * @returns {Entry[]}
 */
function inFolder(place) {
  if (statSync(place).isFile()) return [{ name: place, bytes: () => readFileSync(place) }]
  return readdirSync(place, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .map(path => ({ name: relative(place, path).split(sep).join('/'), bytes: () => readFileSync(path) }))
}

/**
 * The test books of w3c/epub-tests and the like lie there as folders.
 *
 * @param {readonly Entry[]} entries
 */
function* packedOf(entries) {
  for (const { name } of entries) {
    if (!rootOfEpub.test(name)) continue
    const folder = name.replace(/META-INF\/container\.xml$/, '')
    /** @type {Record<string, Uint8Array>} */
    const files = { mimetype: Buffer.from('application/epub+zip') }
    try {
      for (const entry of entries)
        if (entry.name.startsWith(folder)) files[entry.name.slice(folder.length)] = entry.bytes()
    } catch {
      continue
    }
    // The same date for all, so that the same folder gives the same bytes.
    yield { name: `${folder || '.'}`, content: zipSync(files, { level: 1, mtime: new Date(2000, 0, 1) }) }
  }
}
