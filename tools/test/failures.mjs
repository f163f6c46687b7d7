/** What failed, by name and with its message in one line: who has only the end of a long log sees what to look at. */
import { stripVTControlCharacters } from 'node:util'

/**
 * @typedef {{ message?: string, value?: string, location?: { file: string, line: number } }} PlaywrightError
 * @typedef {{ title: string, suites?: Suite[], specs?: { title: string, file: string, line: number,
 *   tests: { projectName: string, status: string, results: { errors?: PlaywrightError[] }[] }[] }[] }} Suite
 * @typedef {{ suites?: Suite[], errors?: PlaywrightError[] }} PlaywrightReport
 */

const longest = 300

/**
 * The message up to its stack or its piece of source, in one line. Playwright's first line alone says only which of its
 * functions failed.
 * @param {string | undefined} message
 */
const inOneLine = message => {
  const lines = stripVTControlCharacters(message ?? '').split('\n')
  const end = lines.findIndex(line => /^\s*(at |>?\s*\d+ \|)/.test(line))
  const said = (end < 1 ? lines : lines.slice(0, end)).map(line => line.trim()).filter(line => line !== '')
  const line = said.join(' | ') || 'no message'
  return line.length > longest ? `${line.slice(0, longest)}…` : line
}

/**
 * @param {string} where @param {string} name @param {string | undefined} message
 * @returns {string} "where › name: message"
 */
export const failure = (where, name, message) => `${where} › ${name}: ${inOneLine(message)}`

/**
 * The failures of Playwright's JSON report; [] without a report: its step did not come that far.
 * @param {PlaywrightReport | undefined} report
 * @returns {string[]}
 */
export const playwrightFailures = report => [
  ...(report?.suites ?? []).flatMap(suite => ofSuite(suite, [])),
  // A spec that cannot be loaded, a time-out of the whole run.
  ...(report?.errors ?? []).map(({ message, value, location }) =>
    failure(
      'playwright',
      location ? `${location.file.split(/[\\/]/).slice(-2).join('/')}:${location.line}` : 'no test',
      message ?? value
    )
  )
]

/**
 * @param {Suite} suite
 * @param {readonly string[]} above
 * @returns {string[]}
 */
function ofSuite({ title, suites = [], specs = [] }, above) {
  const titles = [...above, title]
  return [
    ...specs.flatMap(spec =>
      spec.tests
        .filter(({ status }) => status === 'unexpected')
        .map(({ projectName, results }) => {
          const [error] = results.flatMap(({ errors = [] }) => errors)
          // The outermost suite is the file, which stands before the line already.
          const name = [...titles.slice(1), spec.title].join(' › ')
          return failure(`[${projectName}] ${spec.file}:${spec.line}`, name, error?.message ?? error?.value)
        })
    ),
    ...suites.flatMap(inner => ofSuite(inner, titles))
  ]
}
