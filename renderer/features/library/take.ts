/** What was picked or dropped: taken in at once, or after a question when it could be meant in two ways. */
import { flows } from '../../flows/flows'
import { type Picked } from '../../flows/send-files'
import { useView } from '../../store/view'

export type { Picked } from '../../flows/send-files'

/** Never text that somebody wants read, and often most of a folder. */
const never = /(^|\/)(\.git|node_modules)\//

export function take(files: readonly Picked[], folder?: string): void {
  const picked = files.filter(({ path }) => !never.test(path))
  if (folder !== undefined || picked.length > 1)
    useView.setState({ dialog: 'add', toAdd: { picked, folder } })
  else void flows.adding.addFiles(picked, howHtml(picked))
}

/** As it was chosen last, where it matters. */
export const howHtml = (picked: readonly Picked[]): { html?: 'readable' | 'whole' } =>
  hasHtml(picked) ? { html: useView.getState().html } : {}

export const hasHtml = (picked: readonly Picked[]): boolean =>
  picked.some(({ path }) => /\.x?html?$/i.test(path))
