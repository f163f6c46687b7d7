import { defineConfig } from 'electron-vite'
import { resolve } from 'node:path'

const at = (path: string): string => resolve(import.meta.dirname, path)

/**
 * Three bundles of the app and, with main, the command line: `out/main/{electron,cli}.js`, `out/preload/preload.cjs`,
 * `out/renderer/`. Dawn for Node is 130 MB and a matter of the command line alone, so it stays outside.
 */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      externalizeDeps: true,
      rollupOptions: {
        external: ['webgpu'],
        input: { cli: at('main/cli/cli.ts') },
        output: { format: 'es', entryFileNames: '[name].js' }
      }
    }
  }
})
