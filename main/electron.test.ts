/** The sources of the Electron host. The same suite runs on the built bundles in electron.built.test.ts. */
import { vi } from 'vitest'
import * as fake from './electron/testing/fake-electron'
import { electronSuite } from './electron/testing/electron-suite'

vi.mock('electron', () => import('./electron/testing/fake-electron'))

electronSuite({ fake, main: () => import('./electron'), preload: () => import('./preload') })
