export const flows = {
  evicted: 'Platz geschaffen: Das von {{name}} Gelesene wurde entfernt. Das Dokument selbst ist noch da.',
  added: '{{name}} ist hinzugefügt. Was Sie ansehen, bleibt vorn.',
  alreadyHere: '{{name}} ist schon in der Bibliothek.',
  ignored_one: 'Eine Datei wurde ausgelassen: .gitignore nennt sie, oder sie enthält keinen Text.',
  ignored_other:
    '{{count, number}} Dateien wurden ausgelassen: .gitignore nennt sie, oder sie enthalten keinen Text.',
  trashed: {
    document: '„{{name}}“ wurde entfernt.',
    reading: 'Das von „{{name}}“ Gelesene wurde entfernt ({{bytes}}).',
    chat: 'Das Gespräch „{{name}}“ wurde gelöscht.',
    model: 'Das Modell {{name}} wurde entfernt ({{bytes}}).'
  },
  notBack: 'Es konnte nicht zurückgeholt werden: {{reason}}',
  nothing: 'Es wurde nichts Lesbares gefunden. Legen Sie Dateien oder Ordner ab.',
  folderIsModel: '{{name}} enthält ein Modell und kein Dokument. Importieren Sie es unter „Modelle“.',
  readTitle: '{{name}} ist gelesen',
  readBody: 'Fragen Sie, was Sie wissen möchten.'
} as const
