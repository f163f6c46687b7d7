/** A format → who reads it. Loaded when needed: the library for one format costs the others nothing. */
import { archiveKind, type Format, refusal } from '../file-kinds'
import type { Extraction, Setting } from './document'
import { readPlain } from './plain'

export async function readAs(
  format: Format | 'archive',
  bytes: Uint8Array,
  setting: Setting
): Promise<Extraction> {
  switch (format) {
    case 'pdf':
      return (await import('./pdf/pdf')).readPdf(bytes, setting)
    case 'html':
      return (await import('./html')).readHtml(bytes, setting)
    case 'json':
      return (await import('./json')).readJson(bytes, setting.name, setting)
    case 'rtf':
      return (await import('./rtf')).readRtf(bytes, setting)
    case 'odt':
      // "PK": packed; otherwise all of it in one XML file.
      if (bytes[0] !== 0x50) return (await import('./odt')).readFlatOdt(bytes, setting)
      return readArchive(bytes, setting)
    case 'archive':
    case 'docx':
    case 'epub':
      return readArchive(bytes, setting)
    default:
      return readPlain(bytes, setting.name, format, setting)
  }
}

/** Loads all of them, and what they need, ahead of a file. */
export async function prepareReaders(): Promise<void> {
  const [{ preparePdf }] = await Promise.all([
    import('./pdf/pdf'),
    import('./html'),
    import('./json'),
    import('./rtf'),
    import('./odt'),
    import('./archive'),
    import('./docx'),
    import('./epub')
  ])
  await preparePdf()
}

/** Books and office documents are ZIP archives: what lies in them tells which. */
async function readArchive(bytes: Uint8Array, setting: Setting): Promise<Extraction> {
  const { Archive } = await import('./archive')
  const archive = Archive.open(bytes, setting)
  const kind = archiveKind(
    archive.names,
    archive.names.has('mimetype') ? (archive.text('mimetype') ?? '') : ''
  )
  switch (kind.format) {
    case 'docx':
      return (await import('./docx')).readDocx(archive, setting)
    case 'epub':
      return (await import('./epub')).readEpub(archive, setting)
    case 'odt':
      return (await import('./odt')).readOdt(archive, setting)
    default:
      throw refusal(setting.name, kind)
  }
}
