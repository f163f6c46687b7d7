/** The dialog that is open, if one is: each knows by its name. */
import { DiagnosticsDialog } from './features/help/diagnostics-dialog'
import { ShortcutsDialog } from './features/help/shortcuts-dialog'
import { AddDialog } from './features/library/add-dialog'
import { OpenDialog } from './features/library/open-dialog'
import { ModelsDialog } from './features/models/models-dialog'
import { SettingsDialog } from './features/settings/settings-dialog'

export function Dialogs() {
  return (
    <>
      <OpenDialog />
      <AddDialog />
      <SettingsDialog />
      <ModelsDialog />
      <ShortcutsDialog />
      <DiagnosticsDialog />
    </>
  )
}
