/** What the tests of training/ share: a Python with PyTorch, a folder, enough data for every step to have something to do. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, vi } from 'vitest'
import { temporary } from './cli'

const root = join(import.meta.dirname, '..', '..', '..')

/** A Python that has these modules, undefined where none does. Debian's first: another one has no PyTorch of Debian's. */
export function pythonWith(modules: string): string | undefined {
  return ['/usr/bin/python3', 'python3'].find(program => {
    try {
      execFileSync(program, ['-c', `import ${modules}`], { stdio: 'ignore' })
      execFileSync('xz', ['--version'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  })
}

export function trainingFolder() {
  const folder = temporary()
  const at = (...path: string[]): string => join(folder, ...path)
  const step = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, stdio: 'pipe' })

  /** A program that trains into the folder `to` is ended by SIGTERM once its log has a line, long before a checkpoint is due. */
  async function stopped(to: string, timeout: number, program: string, ...args: string[]): Promise<void> {
    const training = spawn(program, args, { cwd: root, stdio: 'ignore' })
    onTestFinished(() => void training.kill('SIGKILL'))
    const ended = once(training, 'exit')
    await vi.waitFor(() => expect(readFileSync(`${to}/log.txt`, 'utf8')).not.toBe(''), { timeout })
    training.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    expect(existsSync(`${to}/state.pt`)).toBe(true)
  }

  /** `data/`: enough of both training files */
  function writeData(): void {
    mkdirSync(at('data'))
    const towns = Array.from({ length: 60 }, (_, i) => `Town${String.fromCharCode(97 + (i % 26))}${i}`)
    const rows = towns.map((town, i) => ({
      source: 'squad_v1.1_train',
      context: `${town} lies on a river. It was built in ${1200 + i * 7} by ${i + 3} families, who came from the north.`,
      question: `When was ${town} built?`,
      answers: [String(1200 + i * 7)]
    }))
    const paragraph = (i: number): string =>
      `In the year ${1500 + i} the people of ${towns[i % 60]} sold ${i} barrels of salt and bought a bell for the tower of the church.`
    const document = (d: number): string =>
      Array.from({ length: 9 }, (_, i) => paragraph(d * 9 + i)).join('\n\n')
    writeFileSync(at('data', 'qa_train.jsonl'), rows.map(row => JSON.stringify(row)).join('\n'))
    writeFileSync(
      at('data', 'text_train.txt'),
      Array.from({ length: 60 }, (_, d) => document(d)).join('\n<|endoftext|>\n')
    )
    step('xz', at('data', 'qa_train.jsonl'), at('data', 'text_train.txt'))
  }
  return { at, step, stopped, writeData }
}
