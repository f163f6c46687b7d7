/** Every call of the contract with arguments that it takes, and how it ends on a library with one short document. */
import type { FailureCode } from '../../../contract/failure'
import type { HostCalls } from '../../../contract/host'

export interface Known {
  readonly document: string
  readonly grant: string
}
type Case = readonly [args: readonly unknown[], ends: 'well' | FailureCode]

/** A call that is missing here does not compile. In the order of the list, what is removed last. */
export const everyCall = ({ document, grant }: Known): Record<keyof HostCalls, Case> => ({
  about: [[], 'well'],
  diagnostics: [[], 'well'],
  listDocuments: [[], 'well'],
  prepareToAdd: [[], 'well'],
  addDocuments: [[{ grants: [grant] }, {}], 'well'],
  updateDocument: [[document, { group: 'Tales', pinned: true }], 'well'],
  touchDocument: [[document], 'well'],
  noteReading: [
    [document, { modelKey: 'm-1', modelName: 'm', tokens: 9, read: 0, state: 'partial' }],
    'well'
  ],
  removeReading: [[document, 'm-1'], 'well'],
  trashReading: [[document, 'm-1'], 'well'],
  listTrash: [[], 'well'],
  restore: [['never-there'], 'not-found'],
  keepView: [[document, { place: 3, plan: null }], 'well'],
  refreshDocument: [[document], 'well'],
  diskUse: [[], 'well'],
  roomAhead: [[1000, document], 'well'],
  makeRoom: [[1000, document, [{ documentId: document, modelKey: 'm-1', tokens: 9 }]], 'well'],
  noteSpeed: [[{ modelKey: 'm-1', adapter: 'A', tokens: 9000, seconds: 9 }], 'well'],
  readingSpeeds: [['m-1', 'A'], 'well'],
  listChats: [[document], 'well'],
  renameChat: [[document, 'none', 'Name'], 'not-found'],
  deleteChat: [[document, 'none'], 'well'],
  searchChats: [['lighthouse'], 'well'],
  listModels: [[], 'well'],
  importModel: [[{ drop: 'nothing-was-sent' }, 'model', 'job'], 'not-found'],
  steerImport: [['job', 'cancel'], 'well'],
  removeModel: [['embedded'], 'bad-request'],
  keepWeights: [['embedded', 'nothing-was-sent'], 'not-found'],
  removeWeights: [['embedded', 'int8'], 'well'],
  getSettings: [[], 'well'],
  setSettings: [[{ fontSize: 17 }], 'well'],
  resetSettings: [[], 'well'],
  chooseFolder: [[], 'well'],
  moveLibrary: [[{ grant: 'never-given' }], 'not-found'],
  takeOpened: [[], 'well'],
  showReading: [[null], 'well'],
  left: [[], 'well'],
  notify: [['Read', 'A book'], 'well'],
  // Nobody is offered it.
  restartProgram: [['plain'], 'bad-request'],
  removeDocument: [[document], 'well']
})
