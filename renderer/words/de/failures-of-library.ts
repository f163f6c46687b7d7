export const failuresOfLibrary = {
  noRoomToAdd:
    '{{name}} wurde nicht hinzugefügt: Es braucht {{needed, bytes}} auf der Platte, {{free, bytes}} sind frei, und davon hält Readonce {{reserve, bytes}} für Ihren Computer frei. Schaffen Sie Platz und fügen Sie es noch einmal hinzu.',
  noRoomToRead:
    '{{name}} wurde nicht gelesen: Das braucht {{needed, bytes}} auf der Platte, {{free, bytes}} sind frei, und davon hält Readonce {{reserve, bytes}} für Ihren Computer frei. Schaffen Sie Platz und lesen Sie es noch einmal.',
  noRoomToMove:
    'Die Bibliothek wurde nicht verlegt: Sie braucht {{needed, bytes}}, dort sind {{free, bytes}} frei, und davon hält Readonce {{reserve, bytes}} für Ihren Computer frei. Wählen Sie eine andere Platte oder schaffen Sie Platz.',
  diskFull:
    'Die Platte ist voll: {{needed, bytes}} mehr sind nötig, und {{free, bytes}} sind frei. Schaffen Sie Platz und versuchen Sie es noch einmal; was vorher aufbewahrt war, ist noch da.',
  diskLimit:
    'Eine Grenze dieses Benutzers oder Dateisystems ist erreicht ({{limit}}): {{needed, bytes}} mehr sind nötig, und {{free, bytes}} sind auf der Platte frei. Schaffen Sie Platz und versuchen Sie es noch einmal; was vorher aufbewahrt war, ist noch da.',
  pathMissing: 'Eine Datei {{path}} gibt es nicht. Prüfen Sie den Pfad.',
  fileGone: 'Nicht mehr da: {{what, said}}.',
  mayNotRead:
    'Dieser Benutzer darf das nicht lesen: {{what, said}}. Ändern Sie die Rechte oder machen Sie eine Kopie.',
  linkLoop: '{{what, said}} ist ein Verweis, der zu sich selbst zurückführt.',
  readBroke: 'Konnte nicht gelesen werden: {{what, said}} ({{reason}}).',
  mayNotWrite:
    'Dieser Benutzer darf das nicht schreiben: {{what, said}}. Prüfen Sie die Rechte des Ordners der Bibliothek oder verlegen Sie die Bibliothek.',
  writeBroke: 'Konnte nicht geschrieben werden: {{what, said}} ({{reason}}).',
  isNoFile: '{{path}} ist ein Ordner, eine Pipe oder ein Gerät; erwartet wurde eine Datei.',
  ownText: 'der aufbewahrte Text eines Dokuments',
  ownChat: 'ein Gespräch',
  ownRecord: 'was von einem Dokument bekannt ist',
  ownReading: 'was von einem Dokument gelesen wurde',
  ownSent: 'was gesendet wurde',
  ownSettings: 'die Einstellungen',
  ownDigests: 'die Liste, was die Dateien der Modelle enthalten',
  ownSpeeds: 'die Liste, wie schnell dieser Computer gelesen hat',
  ownLocation: 'die Notiz, wo die Bibliothek liegt',
  ownModel: 'das Modell {{name}}',
  ownLibrary: 'die Bibliothek',
  ownDocument: 'das Dokument {{id}}',
  ownSomeDocument: 'ein Dokument der Bibliothek',
  ownThisReading: 'was von diesem Dokument gelesen wurde',
  ownWeights: '{{name}} von {{model}}',
  lockedOften: 'Mehrere Programme öffnen das gerade zugleich: {{what, said}}. Versuchen Sie es noch einmal.',
  lockedHere:
    'Dieses Programm benutzt das schon: {{what, said}}. Schließen Sie es dort und versuchen Sie es noch einmal.',
  lockedBy:
    'Ein anderes Programm (Prozess {{process}}) benutzt das: {{what, said}}. Schließen Sie es dort und versuchen Sie es noch einmal.',
  lockedElsewhere:
    'Ein Programm auf dem Computer {{computer}} (Prozess {{process}}) benutzt das: {{what, said}}; läuft es nicht mehr, löschen Sie {{path}}. Schließen Sie es dort und versuchen Sie es noch einmal.',
  putAside: 'Nicht zu verstehen und beiseitegelegt als {{aside}}: {{what, said}} ({{why}})',
  chatBroken: 'Dieses Gespräch ist beschädigt. {{reason, said}}',
  chatGone: 'Dieses Gespräch ist nicht mehr da.',
  textChanged:
    'Der aufbewahrte Text dieses Dokuments wurde auf der Platte geändert oder beschädigt. Fügen Sie die ursprüngliche Datei noch einmal hinzu.',
  documentUnknown: 'Die Bibliothek hat kein Dokument {{what}}.',
  documentAmbiguous: '„{{what}}“ kann eines von diesen sein: {{list}}. Geben Sie die ganze Kennung an.',
  originUnknown:
    'Woher {{name}} hinzugefügt wurde, ist nicht bekannt. Fügen Sie die Datei noch einmal hinzu; was davon gelesen wurde, wird benutzt.',
  readingTakenOver:
    'Was von diesem Dokument gelesen wurde, ist hier nicht geöffnet: Ein anderes Fenster hat es übernommen, oder es wurde geschlossen. Öffnen Sie das Dokument noch einmal.',
  recordDamaged: 'Satz {{index, number}} ist beschädigt: Seine Prüfsumme stimmt nicht.',
  erasedMeanwhile: 'Es wurde inzwischen gelöscht und kann nicht zurückgeholt werden.',
  readFurther: '{{name}} wurde inzwischen wieder gelesen, und weiter als zuvor.',
  libraryMissing:
    'Die Bibliothek wurde nach {{folder}} verlegt, und diesen Ordner gibt es nicht. Schließen Sie die Platte an und starten Sie noch einmal; oder löschen Sie {{note}}, um mit einer leeren Bibliothek zu beginnen.',
  locationBroken:
    '{{path}} sagt, wohin die Bibliothek verlegt wurde, und ist nicht zu verstehen. Schreiben Sie {"folder": "…"} mit dem Ordner der Bibliothek hinein und starten Sie noch einmal.',
  copyMissing:
    '{{copy}} sollte {{expected, number}} Bytes haben und ist nicht da: Die Kopie ist misslungen. Die Bibliothek blieb, wo sie war.',
  copyShort:
    '{{copy}} sollte {{expected, number}} Bytes haben und hat {{found, number}}: Die Kopie ist misslungen. Die Bibliothek blieb, wo sie war.',
  moveRelative: '{{path}} ist kein vollständiger Pfad eines Ordners.',
  moveHere: 'Die Bibliothek liegt schon in {{folder}}.',
  moveInside:
    '{{to}} und der Ordner {{folder}} der Bibliothek liegen ineinander. Wählen Sie einen anderen Ordner.',
  moveToFile: '{{folder}} ist eine Datei; erwartet wird ein Ordner.',
  moveNotEmpty:
    '{{folder}} ist nicht leer ({{names}}). Wählen Sie einen leeren Ordner oder legen Sie einen neuen an.',
  moveUnderWay: 'Die Bibliothek wird gerade verlegt. Versuchen Sie es noch einmal, wenn das getan ist.',
  moveBusy:
    'Ein Dokument ist geöffnet oder wird gelesen. Halten Sie das Lesen an, schließen Sie die Dokumente und verlegen Sie die Bibliothek dann.',
  noFolderDialog: 'Ein Dialog für einen Ordner kann hier nicht gezeigt werden; geben Sie seinen Pfad ein.',
  folderDialog: 'Ein Ordner wird hier im Dialog gewählt.',
  grantUnknown: 'Diese Datei wurde nicht gewählt, seit das Programm läuft. Wählen Sie sie noch einmal.',
  graphicsUnknown: 'Mit der Grafik „{{graphics}}“ kann dieses Programm nicht neu gestartet werden.',
  hostEnded:
    'Das Programm hinter dieser Seite wurde beendet. Starten Sie es noch einmal und öffnen Sie seine neue Adresse.',
  earlierRun:
    'Diese Seite gehört zu einem früheren Lauf. Öffnen Sie die Adresse, die Readonce zuletzt ausgegeben hat.',
  noKey: 'Öffnen Sie die ganze Adresse, die Readonce ausgegeben hat: Der Teil hinter # ist ihr Schlüssel.'
} as const
