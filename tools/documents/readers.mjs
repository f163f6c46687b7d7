/** Readonce and its peers: files → their text. */
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { shownText, textOfMarkup } from './markup.mjs'

const cli = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'out', 'main', 'cli.js')

/**
 * @typedef {{ text: string, encoding: string, notes: { kind: string, message: string }[], outline: { title: string, level: number }[] }} Read
 */

/**
 * What `readonce text --json` makes of each file; a sentence where it refuses it. The program has to be built.
 *
 * @param {readonly string[]} files
 * @param {readonly string[]} options
 * @returns {Map<string, Read | string>}
 */
export function readWithReadonce(files, options = []) {
  if (!existsSync(cli)) throw new Error(`${cli} is not there: npm run build`)
  /** @type {Map<string, Read | string>} */
  const results = new Map()
  const folder = mkdtempSync(join(tmpdir(), 'readonce-files-'))
  try {
    // Numbered, since an answer tells only the name; by bundles, since a process takes a third of a second.
    for (let from = 0; from < files.length; from += 40) {
      const bundle = files.slice(from, from + 40)
      const names = bundle.map((file, index) => `${index + 1000}${extname(file).toLowerCase()}`)
      for (const [index, file] of bundle.entries()) copyFileSync(file, join(folder, names[index]))
      const { stdout, stderr } = spawnSync(
        process.execPath,
        [cli, 'text', '--json', ...options, ...names.map(name => join(folder, name))],
        { encoding: 'utf8', maxBuffer: 1 << 30, timeout: 1_800_000 }
      )
      /** @type {Map<string, Read>} */
      const read = new Map()
      for (const line of stdout.split('\n').filter(Boolean)) {
        const record = JSON.parse(line)
        if (record.type === 'text') read.set(basename(record.name), record)
      }
      for (const [index, file] of bundle.entries()) {
        const name = names[index]
        const sentence = stderr.split('\n').find(line => line.includes(name))
        results.set(file, read.get(name) ?? sentence ?? 'no answer')
      }
    }
    return results
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
function output(program, args) {
  const { stdout, status, error } = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 300_000
  })
  if (error && 'code' in error && error.code === 'ENOENT')
    throw new Error(`${program} is not installed`, { cause: error })
  return status === 0 ? stdout : undefined
}

/**
 * LibreOffice's conversion, with a profile of its own; undefined for a file that it does not open.
 *
 * @param {string} file
 * @param {string} to as --convert-to takes it
 * @param {string} folder for the result
 * @param {readonly string[]} more options
 * @param {readonly string[]} beside more files, for the same folder
 */
export function convertWithLibreOffice(file, to, folder, more = [], beside = []) {
  mkdirSync(folder, { recursive: true })
  const profile = join(tmpdir(), 'readonce-libreoffice')
  output('soffice', [
    `-env:UserInstallation=file://${profile}`,
    '--headless',
    ...more,
    '--convert-to',
    to,
    '--outdir',
    folder,
    file,
    ...beside
  ])
  const result = join(folder, `${basename(file, extname(file))}.${to.split(':')[0]}`)
  return existsSync(result) ? result : undefined
}

const fields =
  /<text:(date|time|file-name|creation-date|creation-time|print-date|print-time|modification-date|modification-time)\b[^>]*>([^<]*)<\/text:\1>/g

/**
 * The file with what LibreOffice would change when it writes plain text. OpenDocument: fields whose words it finds anew (today's date, the
 * name of the copy) keep those that the file holds; notes stand at the end as text, since it counts them in a way of its own and glues the
 * numbers to the words ("text1"). RTF: a blank before and in notes, for the same reason; without hidden text, which it shows.
 *
 * @param {string} file
 * @returns {Uint8Array}
 */
function asKept(file) {
  const bytes = readFileSync(file)
  if (extname(file) === '.rtf')
    return Buffer.from(
      bytes
        .toString('latin1')
        .replace(/\{\\footnote/g, '\\~$&')
        .replace(/\\chftn(?![a-z])/g, '$&\\~')
        .replace(/\{[^{}]*\\v(?![a-z0-9])[^{}]*\}/g, ''),
      'latin1'
    )
  try {
    const entries = unzipSync(bytes)
    for (const name of ['content.xml', 'styles.xml'])
      if (entries[name]) {
        let notes = ''
        entries[name] = strToU8(
          strFromU8(entries[name])
            .replace(fields, '$2')
            .replace(
              /<text:note\b[^>]*>[\s\S]*?<text:note-body\b[^>]*>([\s\S]*?)<\/text:note-body>\s*<\/text:note>/g,
              (_, body) => {
                notes += body
                return ''
              }
            )
            .replace('</office:text>', () => `${notes}</office:text>`)
        )
      }
    return zipSync(entries, { level: 1 })
  } catch {
    return bytes
  }
}

/**
 * By bundles, since a start of LibreOffice takes seconds; one by one where a file ends it.
 *
 * @param {readonly string[]} files
 * @returns {Map<string, string | undefined>}
 */
function libreOfficeTexts(files) {
  /** @type {Map<string, string | undefined>} */
  const texts = new Map()
  for (let from = 0; from < files.length; from += 20) {
    const bundle = files.slice(from, from + 20)
    const folder = mkdtempSync(join(tmpdir(), 'readonce-peer-'))
    try {
      const to = 'txt:Text (encoded):UTF8'
      const copies = bundle.map(file => join(folder, basename(file)))
      for (const [index, file] of bundle.entries()) writeFileSync(copies[index], asKept(file))
      convertWithLibreOffice(copies[0], to, folder, [], copies.slice(1))
      for (const [index, file] of bundle.entries()) {
        const place = join(folder, `${basename(file, extname(file))}.txt`)
        const result = existsSync(place) ? place : convertWithLibreOffice(copies[index], to, folder)
        const text = result && readFileSync(result, 'utf8').replace(/^\ufeff/, '')
        // Without the numbers of list items that are empty. RTF that does not begin as it should it shows as its source.
        const isSource = extname(file) === '.rtf' && /\\(pard|trowd)[\\ ]/.test(text ?? '')
        texts.set(file, isSource ? undefined : text?.replace(/^[ \t]+\(?[\dA-Za-z]{1,6}[.)][ \t]*$/gm, ''))
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  return texts
}

/** @param {string} file every part of the spine that is markup and not locked, its tags taken out */
function spineText(file) {
  try {
    const entries = unzipSync(readFileSync(file))
    /** @param {string} name */
    const text = name => strFromU8(entries[name])
    const root = /full-path\s*=\s*["']([^"']+)/.exec(text('META-INF/container.xml'))?.[1] ?? ''
    const opf = text(root).replace(/<!--[\s\S]*?-->/g, '')
    /** @type {Map<string, string>} */
    const items = new Map()
    for (const [tag] of opf.matchAll(/<(?:\w+:)?item\s[^>]*>/g)) {
      const id = /\sid\s*=\s*["']([^"']+)/.exec(tag)?.[1]
      const href = /\shref\s*=\s*["']([^"']+)/.exec(tag)?.[1]
      // The words in a picture's bytes are nobody's.
      if (id && href && /html|xml|dtbook/.test(/\smedia-type\s*=\s*["']([^"']+)/.exec(tag)?.[1] ?? ''))
        items.set(id, posix.join(posix.dirname(root), decodeURIComponent(href)))
    }
    const spine = [...opf.matchAll(/<(?:\w+:)?itemref\s[^>]*idref\s*=\s*["']([^"']+)/g)]
    const locked = entries['META-INF/encryption.xml'] ? text('META-INF/encryption.xml') : ''
    const parts = spine
      .map(([, id]) => items.get(id) ?? '')
      .filter(name => entries[name] !== undefined && !locked.includes(name))
    return parts.map(name => textOfMarkup(text(name), true)).join('\n')
  } catch {
    return undefined
  }
}

const plainFilter = join(dirname(fileURLToPath(import.meta.url)), 'plain.lua')

/** @param {(file: string) => string | undefined} text */
const oneByOne = text => (/** @type {readonly string[]} */ files) =>
  new Map(files.map(file => [file, text(file)]))

/**
 * `version`: changed with what is asked, so that no kept answer is taken for another one's.
 *
 * @type {Record<string, { peer: string, version: string, texts: (files: readonly string[]) => Map<string, string | undefined> }>}
 */
export const peers = {
  pdf: {
    peer: 'pdftotext',
    version: 'pdftotext',
    texts: oneByOne(file => output('pdftotext', ['-enc', 'UTF-8', file, '-']))
  },
  docx: {
    peer: 'pandoc',
    version: 'pandoc-2',
    texts: oneByOne(file =>
      output('pandoc', ['-f', 'docx', '-t', 'plain', '--wrap=none', '--lua-filter', plainFilter, file])
    )
  },
  odt: { peer: 'LibreOffice', version: 'libreoffice-3', texts: libreOfficeTexts },
  rtf: { peer: 'LibreOffice', version: 'libreoffice-3', texts: libreOfficeTexts },
  epub: { peer: 'its spine', version: 'spine-4', texts: oneByOne(spineText) },
  html: { peer: 'its markup', version: 'markup', texts: oneByOne(shownText) }
}
