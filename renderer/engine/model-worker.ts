/** Work on a model's files, each in a worker of its own, so that it needs no engine, not even a GPU. */
import { type FailureWord, inEnglish, type SaidValues } from '../../contract/failure-words'
import type { Failed } from '../worker/protocol'
import { onceOf, errorOf, type EngineWorker } from './jobs'
import type { ChoicesOf, InspectModel, MakeWeights } from './remote-engine'
import { silence } from './watchdog'
import { closed, type Line, lineTo, startWorker } from './worker-line'

export const inspectModel = async (
  name: string,
  files: Parameters<InspectModel>[1],
  worker = startWorker()
): ReturnType<InspectModel> => {
  const line = lineTo(worker, {
    onSilence(silent) {
      const message = `${name} kept this computer busy for ${silence.most / 1000} seconds without an end while it was looked at. Its tokenizer or template is damaged, or was made to do that.`
      if (silent) line.end({ code: 'broken-model', message })
    },
    onNews: () => undefined,
    onError: message => line.end({ code: 'unexpected', message })
  })
  try {
    const inspected = await onceOf(line.jobs, 'inspected', job => ({
      type: 'inspect',
      job,
      name,
      files: [...files]
    }))
    return inspected.summary
  } finally {
    line.end(closed)
  }
}

function lineFor(worker: EngineWorker, name: string): Line {
  const line = lineTo(worker, {
    onSilence(silent) {
      if (silent)
        line.end(failedSaying('broken-model', 'modelSilent', { name, seconds: silence.most / 1000 }))
    },
    onNews: () => undefined,
    onError: message => line.end({ code: 'unexpected', message })
  })
  return line
}

function failedSaying(code: Failed['code'], name: FailureWord, values: SaidValues): Failed {
  return { code, message: inEnglish(name, values), said: { name, values } }
}

export const choicesOf = async (
  bytes: Parameters<ChoicesOf>[0],
  model: Parameters<ChoicesOf>[1],
  worker = startWorker()
): ReturnType<ChoicesOf> => {
  const line = lineFor(worker, model.name)
  try {
    const told = await onceOf(line.jobs, 'chosenAmong', job => ({ type: 'choices', job, model, bytes }))
    return told.choices
  } finally {
    line.end(closed)
  }
}

export const makeWeights = async (
  { bytes, model, precision, drop, signal, onProgress }: Parameters<MakeWeights>[0],
  worker = startWorker()
): ReturnType<MakeWeights> => {
  const line = lineFor(worker, model.name)
  const cancel = (): void => line.end(failedSaying('cancelled', 'weightsStopped', {}))
  signal.addEventListener('abort', cancel)
  try {
    return await new Promise<boolean>((resolve, reject) => {
      line.jobs.start(
        job => ({ type: 'make', job, model, precision, drop, bytes }),
        message => {
          if (message.type === 'making') return onProgress(message.done, message.total)
          if (message.type === 'made') resolve(message.sent)
          else if (message.type === 'failed') reject(errorOf(message.failure))
          return true
        }
      )
      if (signal.aborted) cancel()
    })
  } finally {
    signal.removeEventListener('abort', cancel)
    line.end(closed)
  }
}
