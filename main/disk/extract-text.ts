/** A file → its text, or a refusal that says what the file is and what to do. Plain text only, so far. */
import { constants } from 'node:buffer'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { HostFailure } from '../../contract/failure'
import { decodeText, type DecodedText } from './decode-text'
import { formatBytes } from './disk-space'
import { headLength, kindOf } from './file-kinds'
import { readFailure } from './io-failure'
import { PositionedFile } from './positioned-file'

export interface ExtractedText extends DecodedText {
  /** Length of the file. */
  readonly bytes: number
}

/** V8 holds no longer string (2^29 - 24 units); in the encodings read here a unit needs a byte at least. */
export const longestText = constants.MAX_STRING_LENGTH

export async function extractText(path: string): Promise<ExtractedText> {
  const found = await stat(path).catch(error => {
    throw readFailure(error, path)
  })
  const refuse = (what: string) =>
    new HostFailure('unsupported-file', `${path} is ${what}; give the path of a text file.`)
  if (found.isDirectory()) throw refuse('a folder')
  if (found.isFIFO() || found.isSocket()) throw refuse('a pipe')
  if (!found.isFile()) throw refuse('a device')
  const file = await PositionedFile.open(path)
  try {
    const head = new Uint8Array(Math.min(headLength, file.size))
    await file.read(0, head)
    // Before the size: of a 3 GB film the useful thing to say is not that it is too long.
    refuseKnownKind(head, path)
    if (file.size > longestText)
      throw new HostFailure(
        'too-long',
        `${basename(path)} has ${formatBytes(file.size)}; at most ${formatBytes(longestText)} of text can be read as one document. Split it.`
      )
    const bytes = new Uint8Array(file.size)
    await file.read(0, bytes)
    return textOf(bytes, basename(path))
  } catch (error) {
    // What a model's file calls broken is here a text that changes while it is read.
    if (error instanceof HostFailure && error.code === 'broken-model')
      throw new HostFailure('unreadable-file', `${path} was cut short while it was being read. Try again.`)
    throw error
  } finally {
    await file.close()
  }
}

/** The same for bytes that are in memory already; `name` is for the sentences. */
export function textOf(bytes: Uint8Array, name: string): ExtractedText {
  refuseKnownKind(bytes, name)
  const decoded = decodeText(bytes)
  if (decoded === undefined)
    throw new HostFailure(
      'unsupported-file',
      `${name} is not plain text in an encoding that is known here (UTF-8, UTF-16 and the common 8-bit and East Asian ones). Save it as UTF-8 text.`
    )
  if (!/\S/.test(decoded.text))
    throw new HostFailure(
      'empty-document',
      `${name} holds no text${bytes.length > 0 ? ', only white space' : ': it is empty'}.`
    )
  return { ...decoded, bytes: bytes.length }
}

function refuseKnownKind(head: Uint8Array, path: string): void {
  const kind = kindOf(head)
  if (kind === undefined) return
  const advice = kind.advice === undefined ? '' : `; ${kind.advice}`
  throw new HostFailure(
    'unsupported-file',
    `${basename(path)} is ${kind.what}. This version reads plain text${advice}.`
  )
}
