import type { Command } from '../options'

export const bench: Command = {
  usage: 'bench',
  about: 'measure reading, answering, reopening and the kernels on this adapter',
  arity: [0, 0],
  run: () => Promise.reject(new Error('bench'))
}
