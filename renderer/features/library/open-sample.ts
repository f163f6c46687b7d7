/** The sample story, taken in as if it had been dropped. */
import i18next from 'i18next'
import { flows } from '../../flows/flows'
import { addNotice } from '../../store/documents'

const name = 'the-keeper-of-skerry-light.txt'

export async function openSample(): Promise<void> {
  try {
    // As a script of its own, loaded only now: the hosts serve no text files.
    const story = await import('../../../assets/samples/the-keeper-of-skerry-light.txt?raw')
    const file = new File([story.default], name, { type: 'text/plain' })
    await flows.adding.addFiles([{ file, path: name }], {})
  } catch (error) {
    addNotice('problem', i18next.t('library:sampleFailed', { reason: String(error) }))
  }
}
