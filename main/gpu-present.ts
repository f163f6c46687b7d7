/** Whether this computer seems to have a GPU. Asked before Chromium starts, which wants to know by its command line. */
import { existsSync, readdirSync } from 'node:fs'

/** Only Linux shows it in its file system; elsewhere Chromium finds out by itself. */
export const gpuPresent = (platform: NodeJS.Platform = process.platform): boolean =>
  platform !== 'linux' || existsSync('/dev/nvidia0') || existsSync('/dev/dxg') || hasRenderNode()

const hasRenderNode = (): boolean =>
  existsSync('/dev/dri') && readdirSync('/dev/dri').some(name => name.startsWith('renderD'))
