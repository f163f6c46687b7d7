/** The text that would be read of files, with what it does not hold: to look before reading. Needs no model and no GPU. */
import { encodings } from '../../../contract/encodings'
import { HostFailure } from '../../../contract/failure'
import { encodingNamed } from '../../disk/decode/encodings'
import { findFiles, textOfFile } from '../../disk/import-files'
import { type Command, oneOf, text as textOption, UsageError } from '../options'
import { Output } from '../output'

export const text: Command = {
  usage: 'text FILE...',
  about: 'print the text that would be read of files, and what it does not hold',
  arity: [1, Infinity],
  options: {
    html: { type: 'string', about: 'web pages: readable (default) or whole' },
    encoding: { type: 'string', about: 'read text and web pages in it, whatever they say' }
  },
  async run(call) {
    const output = new Output(call.json)
    const html = oneOf(call, 'html', ['readable', 'whole'], 'readable')
    const encoding = textOption(call, 'encoding')
    if (encoding !== undefined && encodingNamed(encoding) === undefined)
      throw new UsageError(
        `--encoding is "${encoding}", which is not known; it takes ${encodings.join(', ')}.`
      )
    const { files, refused, ignored } = await findFiles(call.args)
    const sentences = refused.map(({ message }) => message)
    for (const sentence of sentences) process.stderr.write(`${sentence}\n`)
    for (const file of files) {
      try {
        const { extracted } = await textOfFile(file, { html, encoding })
        const { kind: format, text, notes, outline } = extracted
        output.record({
          type: 'text',
          name: file.name,
          format,
          encoding: extracted.encoding,
          text,
          notes: notes.map(({ kind, message, count, where }) => ({ kind, message, count, where })),
          outline: outline.headings
        })
        for (const { message } of notes) output.note(`${file.name}: ${message}`)
        if (files.length > 1) output.say(`==== ${file.name} ====\n\n`)
        output.say(text)
        // Into a file or a program goes the text and nothing else.
        if ((files.length > 1 || process.stdout.isTTY) && !text.endsWith('\n')) output.say('\n')
      } catch (error) {
        if (!(error instanceof HostFailure)) throw error
        sentences.push(error.message)
        process.stderr.write(`${error.message}\n`)
      }
    }
    if (ignored > 0) output.note(`${ignored} files were left out: .gitignore or their kind says so.`)
    return sentences.length > 0 ? 1 : 0
  }
}
