/** The sample story, taken in as if it had been dropped. */
import i18next from 'i18next'
import story from '../../../assets/samples/the-keeper-of-skerry-light.txt?url'
import { addFiles } from '../../flows/add-document'
import { addNotice } from '../../store/documents'

const name = 'The Keeper of Skerry Light.txt'

export async function openSample(): Promise<void> {
  try {
    const file = new File([await (await fetch(story)).blob()], name, { type: 'text/plain' })
    await addFiles([{ file, path: name }], {})
  } catch (error) {
    addNotice('problem', i18next.t('library:sampleFailed', { reason: String(error) }))
  }
}
