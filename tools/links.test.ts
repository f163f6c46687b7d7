import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const pages = readdirSync(root, { withFileTypes: true })
  .filter(
    entry =>
      entry.isDirectory() &&
      !/^(\..*|node_modules|out|dist|shared|coverage|test-results|playwright-report)$/.test(entry.name)
  )
  .flatMap(({ name }) =>
    readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).map(path => join(name, path))
  )
  .concat(readdirSync(root))
  .filter(path => path.endsWith('.md'))

test('what a page leads to is there', () => {
  expect(pages).toContain(join('assets', 'models', 'small', 'README.md'))
  const broken = pages.flatMap(page =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#\s:]+)(#[^)]*)?\)/g)]
      .filter(([, path]) => !existsSync(join(root, dirname(page), path!)))
      .map(([link]) => `${page}: ${link}`)
  )
  expect(broken).toEqual([])
})
