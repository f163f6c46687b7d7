/** Says at the end, in words and with a count, what was not run and why: not run is not passed. */
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter'

export default class NotRun implements Reporter {
  private readonly reasons = new Map<string, number>()

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status !== 'skipped') return
    const reason = result.annotations.find(({ type }) => type === 'skip')?.description ?? 'no reason given'
    const line = `${test.parent.project()?.name ?? ''}: ${reason}`
    this.reasons.set(line, (this.reasons.get(line) ?? 0) + 1)
  }

  onEnd(): void {
    for (const [reason, count] of this.reasons)
      process.stdout.write(`not run: ${count} ${count === 1 ? 'test' : 'tests'} of project ${reason}\n`)
  }
}
