/** The window that `npm start` opens without Electron, on a display and not headless: photographed and looked at. */
import { chromium, type TestInfo } from '@playwright/test'
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromiumPath, expect, root, test } from './hosts'
import { openDisplay, type Photograph, width } from './virtual-display'

interface Person {
  readonly uid: number
  readonly gid: number
}
/** nobody and nogroup of Debian: somebody without any privilege. */
const ordinary: Person = { uid: 65534, gid: 65534 }

/** `--paper` of the page, light and dark. */
const papers = /--paper: light-dark\((#\w+), (#\w+)\)/
  .exec(readFileSync(join(root, 'renderer/ui/style.css'), 'utf8'))!
  .slice(1)

// eslint-disable-next-line no-empty-pattern -- Playwright wants a pattern even where nothing is used.
test.beforeEach(({}, info) => {
  info.skip(info.project.name === 'electron', 'a matter of the browser host')
  info.skip(spawnSync('Xvfb', ['-help']).error !== undefined, 'no Xvfb is installed')
})

test('a window begins with the page: no bar of the browser’s is above it', async ({ library }, info) => {
  await whileOpen(info, { library }, async seen => {
    await expect.poll(seen).toBe('the page')
    // Bars slide in: the one of the test below is whole half a second after the page.
    await new Promise(resolve => setTimeout(resolve, 3000))
    expect(seen()).toBe('the page')
  })
})

test('the window of npm start has an adapter, without the flags that other specs start Chromium with', async ({
  library
}, info) => {
  const browser = join(library, 'with-a-door')
  writeFileSync(browser, `#!/bin/sh\nexec "${chromiumPath()}" "$@" --remote-debugging-port=0\n`, {
    mode: 0o755
  })
  await whileOpen(info, { library, browser }, async seen => {
    await expect.poll(seen).toBe('the page')
    // Chromium writes the port that it took into its profile.
    const [port] = readFileSync(join(library, 'data', 'browser', 'DevToolsActivePort'), 'utf8').split('\n')
    const inside = await chromium.connectOverCDP(`http://127.0.0.1:${port}`)
    try {
      const [page] = inside.contexts()[0].pages()
      expect(await page.evaluate(async () => !!(await navigator.gpu.requestAdapter()))).toBe(true)
      await expect(page.getByRole('button', { name: 'Open…' }).first()).toBeVisible()
    } finally {
      await inside.close()
    }
  })
})

test('an ordinary person sees the same as root', async ({ library }, info) => {
  info.skip(
    process.getuid?.() !== 0,
    'only root can start it as another person; the test above did it as you'
  )
  const readable = spawnSync('test', ['-r', join(root, 'out/renderer/index.html')], ordinary).status === 0
  info.skip(!readable, 'this checkout cannot be read by other persons')
  chmodSync(library, 0o777)
  await whileOpen(info, { library, person: ordinary }, async seen => {
    await expect.poll(seen).toBe('the page')
    await new Promise(resolve => setTimeout(resolve, 3000))
    expect(seen()).toBe('the page')
  })
})

test('a bar would be seen: without the flag that stops it, it is', async ({ library }, info) => {
  const browser = join(library, 'with-bars')
  const arguments_ = 'for each; do shift; [ "$each" = --test-type ] || set -- "$@" "$each"; done'
  writeFileSync(browser, `#!/bin/sh\n${arguments_}\nexec "${chromiumPath()}" "$@"\n`, { mode: 0o755 })
  await whileOpen(info, { library, browser }, async seen => {
    await expect.poll(seen).toBe('a bar')
  })
})

interface Opened {
  readonly library: string
  readonly person?: Person
  readonly browser?: string
}

/** `look` is given what is at the window's upper edge, told from a new photograph each time. */
async function whileOpen(
  info: TestInfo,
  { library, person, browser }: Opened,
  look: (seen: () => string) => Promise<void>
): Promise<void> {
  const display = await openDisplay()
  const start = join(root, 'tools', 'start.mjs')
  const app = spawn(process.execPath, [start, '--browser', '--library', join(library, 'data')], {
    ...person,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      HOME: library,
      DISPLAY: display.name,
      WAYLAND_DISPLAY: undefined,
      ...(browser && { READONCE_CHROMIUM: browser })
    }
  })
  const ended = new Promise<void>(resolve => app.once('close', () => resolve()))
  try {
    await look(() => atTheTop(display.photograph()))
  } finally {
    const png = display.photograph().png()
    await info.attach('window', { body: png, contentType: 'image/png' })
    keep(info.title, png)
    app.kill('SIGTERM')
    await ended
    await display.end()
  }
}

/** Of a window without a frame, as without a window manager: the colours in its middle, from its upper edge down. */
function atTheTop(shot: Photograph): string {
  const middle = width / 2
  const isPaper = (y: number): boolean => papers.includes(shot.at(middle, y))
  // Where the page has nothing, below the box that invites documents.
  if (!isPaper(780)) return 'no page yet'
  let top = 0
  while (shot.at(middle, top) === '#000000') top++
  return [...Array(24).keys()].every(row => isPaper(top + row)) ? 'the page' : 'a bar'
}

function keep(title: string, png: Buffer): void {
  const folder = process.env['READONCE_SCREENSHOTS']
  if (!folder || !title.startsWith('a window')) return
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'real-window.png'), png)
}
