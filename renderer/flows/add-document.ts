/** Journey A: files are dropped, picked or opened from outside; they are taken in, and reading is planned. */
import i18next from 'i18next'
import type { FileSource, TakenIn, TakingIn } from '../../contract/document'
import { sentenceOf } from '../../contract/failure'
import { inEnglish, type Said } from '../../contract/failure-words'
import type { HostEvents } from '../../contract/host'
import { weightHead, weightsSaid } from '../../contract/weight-files'
import { addNotice, putDocument, useDocuments } from '../store/documents'
import { failureSentence } from '../words/failure-sentence'
import { useView } from '../store/view'
import { droppedFiles } from './dropped-files'
import { planReading } from './read-queue'
import { currentHost } from './running-engine'
import { forgetFiles, type Picked } from './send-files'
import { openDocument } from './sessions'
import { sourceOf } from './source-of'

export type { Picked } from './send-files'

export async function addFiles(picked: readonly Picked[], how: TakingIn): Promise<void> {
  if (picked.length === 0) return addNotice('refused', i18next.t('flows:nothing'))
  // Looked at where it lies: gigabytes of a model are not sent to be refused.
  const [only, ...others] = picked
  const weights = others.length === 0 ? await weightsIn(only) : undefined
  if (weights) return addNotice('refused', failureSentence(inEnglish(weights.name, weights.values), weights))
  const names = how.asOne === undefined ? picked.map(({ path }) => path) : [how.asOne]
  await takeIn(names, how, () => sourceOf(currentHost(), picked))
}

/** A folder that was chosen in the system's own dialog: the host looks through it. */
export async function addFolder(folder: ChosenFolder, how: TakingIn): Promise<void> {
  await takeIn([how.asOne ?? folder.name], how, async () => ({ grants: [folder.grant] }))
}

interface ChosenFolder {
  readonly grant: string
  readonly name: string
}

/** Where `about.can.chooseFolder`; undefined: none was chosen. */
export async function chooseFolder(): Promise<(ChosenFolder & { readonly holdsModel: boolean }) | undefined> {
  const chosen = await currentHost().chooseFolder()
  return chosen
    ? {
        grant: chosen.grant,
        name: chosen.path.split(/[\\/]/).filter(Boolean).at(-1) ?? chosen.path,
        holdsModel: chosen.holdsModel
      }
    : undefined
}

async function weightsIn({ file, path }: Picked): Promise<Said | undefined> {
  const head = await file
    .slice(0, weightHead)
    .arrayBuffer()
    .catch(() => undefined)
  return head && weightsSaid(path, new Uint8Array(head))
}

/** Files given to the program from outside: "Open with", `readonce FILE`. */
export async function addOpened(): Promise<void> {
  const opened = await currentHost()
    .takeOpened()
    .catch(() => [])
  const files = opened.filter(({ folder }) => !folder)
  if (files.length > 0)
    await takeIn(
      files.map(({ name }) => name),
      {},
      async () => ({ grants: files.map(({ grant }) => grant) })
    )
  for (const { grant, name } of opened.filter(({ folder }) => folder))
    await takeIn([name], { asOne: name }, async () => ({ grants: [grant] }))
}

/** Must be called within the drop event. */
export const pickedFrom = (data: DataTransfer): Promise<Picked[]> =>
  droppedFiles(data, currentHost().grant !== undefined)

/** News of how far a file is turned into text. */
export const extracting = ({ name, done, total }: HostEvents['extracting']): void =>
  useDocuments.setState(({ takingIn }) => ({
    takingIn: takingIn.map(each => (lastPart(each.name) === lastPart(name) ? { ...each, done, total } : each))
  }))

async function takeIn(
  names: readonly string[],
  how: TakingIn,
  source: () => Promise<FileSource>
): Promise<void> {
  const shown = names.map(name => ({ name, done: 0, total: 0 }))
  useDocuments.setState(({ takingIn }) => ({ takingIn: [...takingIn, ...shown] }))
  let given: FileSource | undefined
  let taken: TakenIn | undefined
  try {
    given = await source()
    taken = await currentHost().addDocuments(given, how)
  } catch (error) {
    addNotice('refused', sentenceOf(error))
    if (given?.drop !== undefined) await forgetFiles(currentHost(), given.drop)
  } finally {
    useDocuments.setState(({ takingIn }) => ({
      takingIn: takingIn.filter(each => !names.includes(each.name))
    }))
  }
  if (taken) await tookIn(taken)
}

async function tookIn({ added, refused, ignored }: TakenIn): Promise<void> {
  for (const { document } of added) putDocument(document)
  for (const { message, said } of refused) addNotice('refused', failureSentence(message, said))
  if (ignored > 0) addNotice('done', i18next.t('flows:ignored', { count: ignored }))
  for (const { document, isNew } of added)
    if (!isNew) addNotice('done', i18next.t('flows:alreadyHere', { name: document.name }))
  const first = (added.find(({ isNew }) => isNew) ?? added[0])?.document
  if (first && mayShow()) void openDocument(first.id)
  else if (first) addNotice('done', i18next.t('flows:added', { name: first.name }), first.id)
  for (const { document } of added) await planReading(document.id)
}

/** Somebody who looks at one document while one is read stays there. */
function mayShow(): boolean {
  const { activity, documents } = useDocuments.getState()
  const isReading = Object.values(activity).some(({ name }) => name === 'reading' || name === 'pausing')
  return !isReading || documents[useView.getState().documentId ?? ''] === undefined
}

const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
