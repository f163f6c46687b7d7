/** A window on desktops where Chromium does not say what it says elsewhere. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as fake from './testing/fake-electron'
import { openWindow, whenDrawn } from './window'

vi.mock('electron', () => import('./testing/fake-electron'))

const { manners } = fake.BrowserWindow
beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  Object.assign(manners, { readyToShow: true, finishesLoading: true, draws: true })
  for (const window of fake.BrowserWindow.all) window.close()
})
const open = () => openWindow('/preload.cjs') as unknown as fake.FakeWindow

test('is shown when it is ready, so that nothing flashes', async () => {
  const window = open()
  expect(window.visible).toBe(false)
  await vi.advanceTimersByTimeAsync(0)
  expect(window.visible).toBe(true)
})

test.each([
  ['does not say that it is ready, as on Wayland', { readyToShow: false }, 0],
  ['says nothing at all', { readyToShow: false, finishesLoading: false }, 2000]
])('is shown although Chromium %s', async (_, change, after) => {
  Object.assign(manners, change)
  const window = open()
  await vi.advanceTimersByTimeAsync(after)
  expect(window.visible).toBe(true)
})

test('is shown once: what a person hides stays hidden', async () => {
  manners.finishesLoading = false
  const window = open()
  await vi.advanceTimersByTimeAsync(0)
  window.visible = false
  window.contents.emit('did-finish-load')
  await vi.advanceTimersByTimeAsync(5000)
  expect(window.visible).toBe(false)
})

test('was drawn when frames came, not when the page was loaded', async () => {
  manners.draws = false
  const drawn = vi.fn()
  const hanging = open()
  whenDrawn(hanging as unknown as Electron.BrowserWindow, drawn)
  await vi.advanceTimersByTimeAsync(5000)
  expect(drawn).not.toHaveBeenCalled()
  manners.draws = true
  whenDrawn(open() as unknown as Electron.BrowserWindow, drawn)
  await vi.advanceTimersByTimeAsync(0)
  expect(drawn).toHaveBeenCalledOnce()
})
