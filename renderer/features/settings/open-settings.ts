import { useView } from '../../store/view'

/** Opens the settings at one of their sections. */
export function openSettings(section: 'reading' | 'storage'): void {
  useView.setState({ dialog: 'settings' })
  // The dialog is there one frame later.
  requestAnimationFrame(() =>
    document.getElementById(`settings-${section}`)?.scrollIntoView({ block: 'start' })
  )
}
