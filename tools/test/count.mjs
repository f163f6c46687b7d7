/**
 * What the reports of Vitest and Playwright say together. A test that passed only when it was tried again is flaky: it
 * is neither among the passed nor among the failed, and is told by its name.
 */

/**
 * @typedef {{ numPassedTests?: number, numFailedTests?: number, numPendingTests?: number, numTodoTests?: number,
 *   testResults?: { name?: string, assertionResults?: { fullName: string, status: string, failureMessages?: string[] }[] }[] }} VitestReport
 * @typedef {{ title: string, suites?: Suite[], specs?: { title: string, file: string, line: number,
 *   tests: { projectName: string, status: string }[] }[] }} Suite
 * @typedef {{ suites?: Suite[], stats?: { expected?: number, unexpected?: number, skipped?: number, flaky?: number } }} PlaywrightReport
 * @typedef {{ passed: number, failed: number, skipped: number, flaky: string[] }} Count
 */

/**
 * Either report may be missing: its step did not come that far.
 * @param {VitestReport | undefined} vitest
 * @param {PlaywrightReport | undefined} playwright
 * @returns {Count}
 */
export function countOf(vitest, playwright) {
  const unit = flakyOfVitest(vitest)
  const stats = playwright?.stats
  return {
    passed: (vitest?.numPassedTests ?? 0) - unit.length + (stats?.expected ?? 0),
    failed: (vitest?.numFailedTests ?? 0) + (stats?.unexpected ?? 0),
    skipped: (vitest?.numPendingTests ?? 0) + (vitest?.numTodoTests ?? 0) + (stats?.skipped ?? 0),
    flaky: [...unit, ...(playwright?.suites ?? []).flatMap(suite => flakyOfPlaywright(suite, []))]
  }
}

/**
 * The closing lines; the very last is "N passed, N failed, N skipped" and nothing else.
 * @param {Count} count
 * @param {readonly string[]} failedSteps
 * @param {readonly string[]} [failures] what failed in the tests' steps, a line each (failures.mjs)
 */
export function closingLines({ passed, failed, skipped, flaky }, failedSteps, failures = []) {
  const times = flaky.length === 1 ? '1 flaky test' : `${flaky.length} flaky tests`
  return [
    ...(skipped > 0
      ? [`${skipped} tests were not run: what they need is not on this computer (each says what).`, '']
      : []),
    ...(flaky.length > 0
      ? [
          `${times} passed only when tried again, and ${flaky.length === 1 ? 'is' : 'are'} not among the passed:`,
          ...flaky.map(name => `  flaky: ${name}`),
          ''
        ]
      : []),
    ...failures.map(line => `  failed: ${line}`),
    ...(failures.length > 0 ? [''] : []),
    ...(failedSteps.length > 0 ? [`Failed: ${failedSteps.join(', ')}`, ''] : []),
    `${passed} passed, ${Math.max(failed, failures.length, failedSteps.length)} failed, ${skipped} skipped`
  ]
}

/**
 * Vitest's report has no word for it; what failed at first and passed then has passed and has a failure's message.
 * @param {VitestReport | undefined} report
 */
const flakyOfVitest = report =>
  (report?.testResults ?? []).flatMap(({ name = '', assertionResults = [] }) =>
    assertionResults
      .filter(({ status, failureMessages = [] }) => status === 'passed' && failureMessages.length > 0)
      .map(({ fullName }) => `${name.split(/[\\/]/).slice(-2).join('/')}: ${fullName}`)
  )

/**
 * @param {Suite} suite
 * @param {readonly string[]} above
 * @returns {string[]}
 */
function flakyOfPlaywright({ title, suites = [], specs = [] }, above) {
  const titles = [...above, title]
  return [
    ...specs.flatMap(spec =>
      spec.tests
        .filter(({ status }) => status === 'flaky')
        // The outermost suite is the file, which stands before the line already.
        .map(
          ({ projectName }) =>
            `[${projectName}] ${spec.file}:${spec.line}: ${[...titles.slice(1), spec.title].join(' › ')}`
        )
    ),
    ...suites.flatMap(inner => flakyOfPlaywright(inner, titles))
  ]
}
