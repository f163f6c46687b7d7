import react from '@vitejs/plugin-react'
import { defineConfig } from 'electron-vite'
import { resolve } from 'node:path'

// How long Vite's own plugins took is nothing to tell a person who starts the program.
const checks = { bundlerTimings: false }

const at = (path: string): string => resolve(import.meta.dirname, path)

/**
 * Three bundles of the app and, with main, the command line and the browser host:
 * `out/main/{electron,extract-process,browser-host,cli}.js`, `out/preload/preload.cjs`, `out/renderer/`.
 * Dawn for Node is 130 MB and a matter of the command line alone, so it stays outside.
 */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      externalizeDeps: true,
      rollupOptions: {
        checks,
        external: ['webgpu'],
        input: {
          cli: at('main/cli/cli.ts'),
          electron: at('main/electron.ts'),
          'extract-process': at('main/extract-process.ts'),
          'browser-host': at('main/browser-host.ts')
        },
        // Chunks lie beside the programs: where a program lies is how it finds assets/.
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'shared-[hash].js' }
      }
    }
  },
  preload: {
    build: {
      outDir: 'out/preload',
      // A sandboxed preload is CommonJS and may require nothing but electron: what it uses is bundled.
      externalizeDeps: false,
      rollupOptions: {
        checks,
        input: { preload: at('main/preload.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' }
      }
    }
  },
  renderer: {
    root: at('renderer'),
    plugins: [react()],
    worker: { format: 'es' },
    build: {
      outDir: at('out/renderer'),
      // A data: URL would want an exception in the content security policy.
      assetsInlineLimit: 0,
      minify: true,
      // All of it comes from the disk.
      chunkSizeWarningLimit: 3000,
      modulePreload: { polyfill: false },
      rollupOptions: { checks, input: at('renderer/index.html') }
    }
  }
})
