import { expect, test, vi } from 'vitest'
import { allowOwnWorkers } from './trusted-urls'

test('only built scripts of the page are let through, and nothing else is made', () => {
  vi.stubGlobal('location', new URL('http://127.0.0.1:4000/'))
  const createPolicy = vi.fn<(name: string, rules: { createScriptURL(address: string): string }) => unknown>()
  allowOwnWorkers({ createPolicy })
  const [name, rules] = createPolicy.mock.calls[0]!
  expect([name, Object.keys(rules)]).toEqual(['default', ['createScriptURL']])
  const own = 'http://127.0.0.1:4000/assets/engine-worker-Ct_2.js'
  expect(rules.createScriptURL(own)).toBe(own)
  for (const address of [
    'https://evil.example/assets/a.js',
    'http://127.0.0.1:4001/assets/a.js',
    'data:text/javascript,1',
    'blob:http://127.0.0.1:4000/x',
    '/bytes/documents/x/text',
    '/assets/../bytes/a.js'
  ])
    expect(() => rules.createScriptURL(address), address).toThrow('no script of this page')
  vi.unstubAllGlobals()
})

test('a browser without trusted types goes on', () => expect(() => allowOwnWorkers(undefined)).not.toThrow())
