/** Words of menus and dialogs that the system shows; the page has its own in renderer/words. */
import { app } from 'electron'
import type { Settings } from '../../contract/settings'

const en = {
  file: 'File',
  open: 'Open Files…',
  openFolder: 'Open Folder…',
  recent: 'Open Recent',
  clearRecent: 'Clear Menu',
  close: 'Close Window',
  quit: 'Quit',
  edit: 'Edit',
  undo: 'Undo',
  redo: 'Redo',
  cut: 'Cut',
  copy: 'Copy',
  paste: 'Paste',
  selectAll: 'Select All',
  find: 'Find in Document…',
  view: 'View',
  zoomIn: 'Zoom In',
  zoomOut: 'Zoom Out',
  actualSize: 'Actual Size',
  fullScreen: 'Full Screen',
  reload: 'Reload',
  developer: 'Developer Tools',
  window: 'Window',
  minimize: 'Minimise',
  help: 'Help',
  settings: 'Settings…',
  models: 'Models…',
  shortcuts: 'Keyboard Shortcuts',
  diagnostics: 'Diagnostics',
  about: 'About Readonce',
  pageEnded: 'The window’s process ended twice within a minute. What was read is on disk.',
  unresponsive: 'The window does not answer. What was read is on disk.',
  wait: 'Wait',
  gpuEnded:
    'The graphics process ended twice within a minute. Without the GPU everything works, slowly, and small models only.',
  withoutGpu: 'Start again without the GPU',
  goOn: 'Go on'
}
export type Words = typeof en

const de: Words = {
  file: 'Datei',
  open: 'Dateien öffnen …',
  openFolder: 'Ordner öffnen …',
  recent: 'Zuletzt geöffnet',
  clearRecent: 'Liste leeren',
  close: 'Fenster schließen',
  quit: 'Beenden',
  edit: 'Bearbeiten',
  undo: 'Rückgängig',
  redo: 'Wiederholen',
  cut: 'Ausschneiden',
  copy: 'Kopieren',
  paste: 'Einfügen',
  selectAll: 'Alles auswählen',
  find: 'Im Dokument suchen …',
  view: 'Ansicht',
  zoomIn: 'Vergrößern',
  zoomOut: 'Verkleinern',
  actualSize: 'Originalgröße',
  fullScreen: 'Vollbild',
  reload: 'Neu laden',
  developer: 'Entwicklerwerkzeuge',
  window: 'Fenster',
  minimize: 'Minimieren',
  help: 'Hilfe',
  settings: 'Einstellungen …',
  models: 'Modelle …',
  shortcuts: 'Tastaturkürzel',
  diagnostics: 'Diagnose',
  about: 'Über Readonce',
  pageEnded:
    'Der Prozess des Fensters ist binnen einer Minute zweimal abgebrochen. Was gelesen wurde, ist gespeichert.',
  unresponsive: 'Das Fenster antwortet nicht. Was gelesen wurde, ist gespeichert.',
  wait: 'Warten',
  gpuEnded:
    'Der Grafikprozess ist binnen einer Minute zweimal abgebrochen. Ohne GPU geht alles, aber langsam und nur mit kleinen Modellen.',
  withoutGpu: 'Ohne GPU neu starten',
  goOn: 'Weitermachen'
}

export function wordsFor(language: Settings['language']): Words {
  const asked = language === 'system' ? app.getLocale().slice(0, 2) : language
  return asked === 'de' ? de : en
}
