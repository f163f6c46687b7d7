import { expect, test } from 'vitest'
import { HostFailure, hostGone } from '../../contract/failure'
import { EngineError } from '../engine/jobs'
import { useDocuments } from '../store/documents'
import { tellUntold } from './untold-failures'

test('a failure that nobody waited for is a notice; what is ended or told elsewhere is none', () => {
  const told = (reason: unknown): string[] => {
    useDocuments.setState({ notices: [] })
    tellUntold(reason)
    return useDocuments.getState().notices.map(({ kind, text }) => `${kind}: ${text}`)
  }
  expect(told(new HostFailure('not-found', 'a.txt is not there any more.'))).toEqual([
    'refused: a.txt is not there any more.'
  ])
  expect(told(new Error('Something unexpected'))).toEqual(['refused: Something unexpected'])
  expect(told(hostGone())).toEqual([])
  expect(told(new HostFailure('cancelled', 'It was ended.'))).toEqual([])
  expect(told(new EngineError('gpu-lost', 'The device is gone.'))).toEqual([])
  expect(told(new DOMException('The user aborted a request.', 'AbortError'))).toEqual([])
})
