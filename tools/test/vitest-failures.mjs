/**
 * A reporter of Vitest: all that failed, tests or not. Vitest's JSON report leaves out hooks of a group that threw (its
 * tests count as skipped) and errors that nothing caught, though both fail the run.
 */
import { writeFileSync } from 'node:fs'
import { relative } from 'node:path'
import { failure } from './failures.mjs'

export default class {
  /**
   * @param {readonly import('vitest/node').TestModule[]} modules
   * @param {readonly import('vitest/node').SerializedError[]} uncaught
   */
  onTestRunEnd(modules, uncaught) {
    const file = process.env['READONCE_FAILURES']
    if (!file) return
    const failures = [
      ...modules.flatMap(module => {
        const path = relative(process.cwd(), module.moduleId).replaceAll('\\', '/')
        return [
          ...module.errors().map(({ message }) => failure(path, 'not run', message)),
          ...Array.from(module.children.allSuites()).flatMap(suite =>
            suite.errors().map(({ message }) => failure(path, `${suite.fullName} (a hook)`, message))
          ),
          ...Array.from(module.children.allTests('failed')).map(test =>
            failure(path, test.fullName, test.result().errors?.[0]?.message)
          )
        ]
      }),
      ...uncaught.map(({ message, stack }) =>
        failure('vitest', 'an error that no test caught', message || stack)
      )
    ]
    writeFileSync(file, JSON.stringify(failures))
  }
}
