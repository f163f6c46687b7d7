/** A format → who reads it. Loaded when needed: pdf.js alone takes 0.1 s to load. */
import { HostFailure } from '../../../contract/failure'
import type { Format } from '../file-kinds'
import type { Extraction, Setting } from './document'
import { readPlain } from './plain'

export async function readAs(
  format: Format | 'archive',
  bytes: Uint8Array,
  setting: Setting
): Promise<Extraction> {
  switch (format) {
    case 'pdf':
      return (await import('./pdf')).readPdf(bytes, setting)
    case 'html':
      return (await import('./html')).readHtml(bytes, setting)
    case 'archive':
    case 'docx':
    case 'epub':
    case 'odt':
    case 'rtf':
      throw new HostFailure('unsupported-file', `${setting.name} is of a kind that is not read yet.`)
    default:
      return readPlain(bytes, setting.name, format)
  }
}
