/** What each command does: keys, buttons and the native menu all come here. */
import { sorted } from '../features/library/groups'
import { pick } from '../features/library/pickers'
import { showNewChat } from '../flows/chats'
import { flows } from '../flows/flows'
import { useDocuments } from '../store/documents'
import { useSettings } from '../store/settings'
import { findInText, foldPane, openDialog, type Pane, setDrawer, showPane, useView } from '../store/view'
import { layoutNow } from '../ui/use-layout'
import { type Command, commands } from './commands'

export function runCommand(command: Command): void {
  switch (command) {
    case 'open':
      return pick('files')
    case 'openFolder':
      return pick('folder')
    case 'search':
      return focusIn('library', '[role=search] input, [data-row]')
    case 'find':
      return findInText('')
    case 'ask':
      return focusIn('chat', 'textarea')
    case 'newChat':
      return startChat()
    case 'previousDocument':
      return stepDocument(-1)
    case 'nextDocument':
      return stepDocument(1)
    case 'pauseReading':
      return pauseOrGoOn()
    case 'foldLibrary':
      return toggle('library')
    case 'foldReader':
      return toggle('reader')
    case 'foldChat':
      return toggle('chat')
    case 'settings':
    case 'models':
    case 'diagnostics':
    case 'shortcuts':
      return openDialog(command)
  }
}

export const allCommands = Object.fromEntries(
  commands.map(command => [command, () => runCommand(command)])
) as Record<Command, () => void>

/** Shows a pane or hides it, as far as the window has room. */
function toggle(pane: Pane): void {
  const layout = layoutNow()
  if (layout === 'narrow') showPane(pane)
  else if (layout === 'middle' && pane === 'library') setDrawer(!useView.getState().drawer)
  else foldPane(pane)
}

/** Brings a pane to the front and the keyboard into it. */
export const focusPane = (pane: Pane): void => focusIn(pane, firstOf[pane])

const firstOf: Record<Pane, string> = {
  library: '[data-row][tabindex="0"]',
  reader: '.cm-content',
  chat: 'textarea'
}

function focusIn(pane: Pane, first: string): void {
  showPane(pane)
  // It may have been folded away: it is there one frame later.
  requestAnimationFrame(() => focusFirst(pane, first))
}

/** The keyboard goes into a pane that is there: to what is named, else to the pane itself. */
export function focusFirst(pane: Pane, first = firstOf[pane]): void {
  const shown = document.getElementById(`pane-${pane}`)
  const found = shown?.querySelector<HTMLElement>(first) ?? shown
  found?.focus()
}

function startChat(): void {
  const { documentId } = useView.getState()
  if (documentId === undefined) return
  showNewChat(documentId)
  focusIn('chat', 'textarea')
}

/** Pauses what is being read, or goes on with the document that is open. */
function pauseOrGoOn(): void {
  const { activity, documents } = useDocuments.getState()
  if (Object.values(activity).some(({ name }) => name === 'reading'))
    return void flows.adding.queue.stop('pause')
  const { documentId = '' } = useView.getState()
  const document = documents[documentId]
  if (document)
    void (document.readings.length > 0 ? flows.adding.read(documentId) : flows.adding.plan(documentId))
}

function stepDocument(by: 1 | -1): void {
  const { order: newest, documents } = useDocuments.getState()
  const order = sorted(newest, documents, useSettings.getState().librarySort)
  const at = order.indexOf(useView.getState().documentId ?? '')
  const next = order[at < 0 ? 0 : at + by]
  if (next !== undefined) void flows.sessions.show(next)
}
