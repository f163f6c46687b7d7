import js from '@eslint/js'
import globals from 'globals'
import ts from 'typescript-eslint'

export default ts.config(
  { ignores: ['out/', '.build/', 'dist/', 'node_modules/', 'assets/', 'coverage/', 'test-results/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  {
    languageOptions: { globals: globals.node },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: 'error'
    }
  },
  {
    // Only the transports speak IPC or HTTP; everything else goes through contract/.
    files: ['main/**/*.ts', 'renderer/**/*.{ts,tsx}'],
    ignores: [
      'main/electron.ts',
      'main/electron/**',
      'main/preload.ts',
      'main/extract-process.ts',
      'main/browser-host.ts',
      'main/browser-host/**',
      'main/host/serve-*.ts',
      'main/**/*.test.ts'
    ],
    rules: { 'no-restricted-imports': ['error', { paths: ['electron', 'node:http', 'http'] }] }
  },
  {
    // What main refuses is shown in the window: with a word that every language has, or as what the window never shows.
    files: [
      'main/disk/**/*.ts',
      'main/host/**/*.ts',
      'main/electron/**/*.ts',
      'renderer/flows/**',
      'renderer/host/**'
    ],
    ignores: ['**/*.test.ts', '**/testing/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "NewExpression[callee.name='HostFailure']",
          message:
            'Use failureSaying (contract/failure-words.ts), or failureInEnglish for what no window shows.'
        }
      ]
    }
  },
  {
    // The interface may know the engine's types, never its code: the engine lives in the worker.
    files: ['renderer/**/*.{ts,tsx}'],
    ignores: ['renderer/worker/**', 'renderer/testing/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [{ group: ['**/gpu/**', '**/gpu'], allowTypeImports: true }] }
      ]
    }
  }
)
