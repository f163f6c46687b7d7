/** Readonce and its peers: files → their text. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, extname, join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { strFromU8, unzipSync } from 'fflate'
import { Parser } from 'htmlparser2'

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
 * @param {readonly string[]} more
 */
export function convertWithLibreOffice(file, to, folder, more = []) {
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
    file
  ])
  const result = join(folder, `${basename(file, extname(file))}.${to.split(':')[0]}`)
  return existsSync(result) ? result : undefined
}

/** @param {string} file */
function libreOfficeText(file) {
  const folder = mkdtempSync(join(tmpdir(), 'readonce-peer-'))
  try {
    const result = convertWithLibreOffice(file, 'txt:Text (encoded):UTF8', folder)
    return result && readFileSync(result, 'utf8').replace(/^\ufeff/, '')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {string} markup */
function textOfMarkup(markup) {
  let [text, hidden] = ['', 0]
  const parser = new Parser(
    {
      onopentagname: name => {
        if (/^(script|style|title)$/.test(name)) hidden++
        if (!/^(a|b|i|em|strong|span|small|sup|sub|code|abbr|cite|q|u|tt|font)$/.test(name)) text += ' '
      },
      ontext: piece => {
        if (hidden === 0) text += piece
      },
      onclosetag: name => {
        if (/^(script|style|title)$/.test(name)) hidden--
        if (!/^(a|b|i|em|strong|span|small|sup|sub|code|abbr|cite|q|u|tt|font)$/.test(name)) text += ' '
      }
    },
    { xmlMode: true, decodeEntities: true }
  )
  parser.end(markup)
  return text
}

/** @param {string} file every part of the spine, its tags taken out */
function spineText(file) {
  try {
    const entries = unzipSync(readFileSync(file))
    /** @param {string} name */
    const text = name => strFromU8(entries[name])
    const root = /full-path\s*=\s*["']([^"']+)/.exec(text('META-INF/container.xml'))?.[1] ?? ''
    const opf = text(root)
    /** @type {Map<string, string>} */
    const items = new Map()
    for (const [tag] of opf.matchAll(/<(?:\w+:)?item\s[^>]*>/g)) {
      const id = /\sid\s*=\s*["']([^"']+)/.exec(tag)?.[1]
      const href = /\shref\s*=\s*["']([^"']+)/.exec(tag)?.[1]
      if (id && href) items.set(id, posix.join(posix.dirname(root), decodeURIComponent(href)))
    }
    const spine = [...opf.matchAll(/<(?:\w+:)?itemref\s[^>]*idref\s*=\s*["']([^"']+)/g)]
    const parts = spine.map(([, id]) => items.get(id) ?? '').filter(name => entries[name] !== undefined)
    return parts.map(name => textOfMarkup(text(name))).join('\n')
  } catch {
    return undefined
  }
}

/** @type {Record<string, { peer: string, text: (file: string) => string | undefined }>} */
export const peers = {
  pdf: { peer: 'pdftotext', text: file => output('pdftotext', ['-enc', 'UTF-8', file, '-']) },
  docx: {
    peer: 'pandoc',
    text: file => output('pandoc', ['-f', 'docx', '-t', 'plain', '--wrap=none', file])
  },
  odt: { peer: 'LibreOffice', text: libreOfficeText },
  rtf: { peer: 'LibreOffice', text: libreOfficeText },
  epub: { peer: 'its spine', text: spineText },
  html: { peer: 'pandoc', text: file => output('pandoc', ['-f', 'html', '-t', 'plain', '--wrap=none', file]) }
}
