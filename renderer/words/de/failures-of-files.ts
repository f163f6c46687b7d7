export const failuresOfFiles = {
  notReadHere: '{{name}} ist {{what, said}}, und das wird hier nicht gelesen.',
  notReadHereBut: '{{name}} ist {{what, said}}, und das wird hier nicht gelesen; {{advice, said}}.',
  notAsNamed:
    '{{name}} ist nicht {{what, said}}, auch wenn der Name es sagt: Die ersten Bytes sind nicht danach. Laden oder exportieren Sie die Datei noch einmal; ist sie einfacher Text, so benennen Sie sie in .txt um.',
  isFolder: '{{path}} ist ein Ordner; geben Sie den Pfad einer Datei an.',
  isPipe: '{{path}} ist eine Pipe; geben Sie den Pfad einer Datei an.',
  isDevice: '{{path}} ist ein Gerät; geben Sie den Pfad einer Datei an.',
  textTooLong:
    '{{name}} hat {{size, bytes}}; als ein Dokument können höchstens {{most, bytes}} Text gelesen werden. Teilen Sie die Datei.',
  fileTooLong:
    '{{name}} ist {{what, said}} mit {{size, bytes}}; in Text verwandelt werden können höchstens {{most, bytes}}. Teilen Sie die Datei oder speichern Sie sie als Text.',
  tooMuchText:
    '{{name}} wird zu mehr als {{most, number}} Zeichen Text, mehr als ein Dokument haben darf. Teilen Sie die Datei.',
  tooMuchTogether:
    '{{name}} hat ungefähr {{characters, number}} Zeichen in {{files, number}} Dateien; als ein Dokument können höchstens {{most, number}} gelesen werden. Fügen Sie die Ordner darin einzeln hinzu.',
  tooManyFiles:
    '{{folder}} hat mehr als {{most, number}} Dateien, zu viele für ein Dokument. Fügen Sie einen Ordner darin hinzu, oder nennen Sie in einer .gitignore, was wegbleiben soll.',
  outOfMemory:
    '{{name}} braucht mehr als {{megabytes, number}} MB Speicher, um zu Text zu werden. Teilen Sie die Datei oder speichern Sie sie als Text.',
  tooSlow:
    '{{name}} wurde innerhalb von {{seconds, number}} Sekunden nicht zu Text. Teilen Sie die Datei oder speichern Sie sie als Text.',
  crashed:
    '{{name}} konnte nicht gelesen werden: Der Teil des Programms, der Dateien in Text verwandelt, ist daran gescheitert. Speichern Sie die Datei als Text und fügen Sie diesen hinzu.',
  readStopped: 'Das Lesen von {{name}} wurde abgebrochen.',
  gatherStopped: 'Das Durchsehen von {{folder}} wurde abgebrochen.',
  cutWhileRead: '{{path}} wurde gekürzt, während es gelesen wurde. Versuchen Sie es noch einmal.',
  changedWhileRead:
    '{{path}} wurde geändert, während es gelesen wurde. Warten Sie, bis die Datei vollständig ist, und beginnen Sie noch einmal.',
  noTextHere:
    '{{name}} ist kein einfacher Text in einer Kodierung, die hier bekannt ist (UTF-8, UTF-16 und die üblichen 8-Bit- und ostasiatischen). Speichern Sie die Datei als UTF-8-Text.',
  emptyFile: '{{name}} enthält keinen Text: Die Datei ist leer.',
  whiteSpace: '{{name}} enthält keinen Text, nur Leerraum.',
  nestedTooDeeply:
    '{{name}} konnte nicht gelesen werden: Die Teile darin sind zu tief verschachtelt. Exportieren oder laden Sie die Datei noch einmal, oder speichern Sie sie als Text.',
  brokeOff:
    '{{name}} konnte nicht gelesen werden: Die Datei ist beschädigt ({{reason}}). Exportieren oder laden Sie sie noch einmal, oder speichern Sie sie als Text.',
  damaged:
    '{{name}} ist beschädigt ({{reason, said}}). Vielleicht wurde die Datei nicht ganz geladen oder kopiert; holen Sie sie noch einmal.',
  damagedRtf: 'was auf die ersten Bytes folgt, ist kein RTF',
  damagedText: 'der Text fehlt',
  damagedChapters: 'die Liste der Kapitel fehlt',
  damagedList: 'die Liste der Dateien darin fehlt',
  entryLocked: '{{entry}} ist mit einem Kennwort verschlossen',
  entryMisplaced: '{{entry}} liegt nicht, wo die Liste sagt',
  entryShort: '{{entry}} ist abgeschnitten',
  entryLonger: '{{entry}} ist länger, als die Liste sagt',
  entryScrambled: '{{entry}} ist abgeschnitten oder durcheinander',
  entryUnknown: '{{entry}} ist auf eine Weise gepackt, die hier nicht bekannt ist ({{method}})',
  entryOther: '{{entry}} hat eine andere Länge, als die Liste sagt',
  entryChecksum: 'die Prüfsumme von {{entry}} ist eine andere',
  protected:
    '{{name}} ist mit einem Kennwort geschützt. Öffnen Sie die Datei mit dem Kennwort, speichern Sie eine Kopie ohne und fügen Sie diese hinzu.',
  copyProtected:
    '{{name}} ist durch einen Kopierschutz (DRM) verschlossen, so dass nur das Leseprogramm des Händlers es öffnen kann. Besorgen Sie eine Ausgabe ohne.',
  memoryFiller:
    '{{name}} ist gemacht, um den Speicher zu füllen: {{packed, bytes}} darin werden entpackt zu {{size, bytes}}. Die Datei wurde in Ruhe gelassen.',
  unpacksTooLong:
    '{{name}} wird entpackt zu {{size, bytes}} und mehr; gelesen werden können höchstens {{most, bytes}}. Teilen Sie die Datei oder speichern Sie sie als Text.',
  tooManyParts: '{{name}} enthält mehr als {{most, number}} Dateien, was kein Dokument hat. Teilen Sie es.',
  bookOfPictures:
    '{{name}} hat keinen Text: Die Seiten sind Bilder. Lassen Sie ihren Text erkennen (OCR) und fügen Sie das Ergebnis hinzu.',
  pdfProtected:
    '{{name}} ist ein PDF, das mit einem Kennwort geschützt ist. Öffnen Sie es mit dem Kennwort, speichern Sie eine Kopie ohne und fügen Sie diese hinzu.',
  pdfOtherProtection:
    '{{name}} ist ein PDF, das auf eine Weise geschützt ist, die hier nicht bekannt ist. Öffnen Sie es in dem Programm, für das es gemacht wurde, speichern Sie eine Kopie ohne Schutz und fügen Sie diese hinzu.',
  pdfDamaged:
    '{{name}} ist ein beschädigtes PDF: Die Seiten waren nicht zu finden. Laden oder exportieren Sie es noch einmal.',
  pdfPagesDamaged_one:
    '{{name}} ist ein beschädigtes PDF: Die {{count, number}} Seite darin kann nicht gelesen werden. Laden oder exportieren Sie es noch einmal.',
  pdfPagesDamaged_other:
    '{{name}} ist ein beschädigtes PDF: Keine der {{count, number}} Seiten kann gelesen werden. Laden oder exportieren Sie es noch einmal.',
  pdfPictures_one:
    '{{name}} hat keinen Text: Die {{count, number}} Seite ist ein Bild, wie ein Scanner es macht. Lassen Sie den Text erkennen (OCR), zum Beispiel mit ocrmypdf, und fügen Sie das Ergebnis hinzu.',
  pdfPictures_other:
    '{{name}} hat keinen Text: Die {{count, number}} Seiten sind Bilder, wie ein Scanner sie macht. Lassen Sie den Text erkennen (OCR), zum Beispiel mit ocrmypdf, und fügen Sie das Ergebnis hinzu.',
  pdfEmpty_one: '{{name}} hat keinen Text: Die {{count, number}} Seite ist leer.',
  pdfEmpty_other: '{{name}} hat keinen Text: Die {{count, number}} Seiten sind leer.',
  noFileToRead: '{{name}} enthält keine Datei, die gelesen werden kann.',
  noneOfFiles: 'Keine der {{files, number}} Dateien von {{name}} kann gelesen werden. {{first, said}}',
  dropIncomplete:
    'Von {{path}} kamen {{arrived, number}} von {{expected, number}} Bytes an. Senden Sie die Datei noch einmal.',
  dropLost: 'Von diesen Dateien ist nichts angekommen. Legen Sie sie noch einmal ab.',
  dropTooLong:
    '{{path}} ist länger als angekündigt oder als {{most, bytes}}, das meiste, was angenommen wird.',
  dropName:
    '{{path}} ist kein Pfad unter einem abgelegten Ordner: Erwartet werden einfache Namen mit „/“ dazwischen.',
  notSent:
    '{{name}} konnte nicht gesendet werden: Es ist ein Ordner, kann nicht mehr gelesen werden, oder das Programm hinter dieser Seite wurde beendet.',
  sendStopped: 'Das Senden der Dateien wurde abgebrochen; nichts davon wurde aufbewahrt.'
} as const
