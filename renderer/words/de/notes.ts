export const notes = {
  pictures_one: '{{count, number}} Bild wird nicht gelesen.',
  pictures_other: '{{count, number}} Bilder werden nicht gelesen.',
  drawings_one: '{{count, number}} Zeichnung wird nicht gelesen.',
  drawings_other: '{{count, number}} Zeichnungen werden nicht gelesen.',
  charts_one: '{{count, number}} Diagramm wird nicht gelesen.',
  charts_other: '{{count, number}} Diagramme werden nicht gelesen.',
  objects_one: '{{count, number}} eingebettetes Objekt wird nicht gelesen.',
  objects_other: '{{count, number}} eingebettete Objekte werden nicht gelesen.',
  comments_one: '{{count, number}} Kommentar wird nicht gelesen.',
  comments_other: '{{count, number}} Kommentare werden nicht gelesen.',
  deletedText_one: '{{count, number}} Stück gelöschter Text (nachverfolgte Änderungen) ist weggelassen.',
  deletedText_other: '{{count, number}} Stücke gelöschter Text (nachverfolgte Änderungen) sind weggelassen.',
  hiddenText_one: '{{count, number}} Stück ausgeblendeter Text ist weggelassen.',
  hiddenText_other: '{{count, number}} Stücke ausgeblendeter Text sind weggelassen.',
  embeddedDocuments_one: '{{count, number}} eingebettetes Dokument wird nicht gelesen.',
  embeddedDocuments_other: '{{count, number}} eingebettete Dokumente werden nicht gelesen.',
  outputs_one: '{{count, number}} Ausgabe einer Zelle wird nicht gelesen: ein Bild oder Ähnliches.',
  outputs_other: '{{count, number}} Ausgaben von Zellen werden nicht gelesen: Bilder und Ähnliches.',
  lostNotes_one: '{{count, number}} Fuß- oder Endnote fehlt in der Datei.',
  lostNotes_other: '{{count, number}} Fuß- oder Endnoten fehlen in der Datei.',
  lostParts_one: '{{count, number}} Teil dieses Dokuments fehlt in der Datei: {{which}}.',
  lostParts_other: '{{count, number}} Teile dieses Dokuments fehlen in der Datei: {{which}}.',
  damagedParts_one: '{{count, number}} Teil dieses Dokuments ist beschädigt: {{which}}.',
  damagedParts_other: '{{count, number}} Teile dieses Dokuments sind beschädigt: {{which}}.',
  cutShort: 'Diese Datei endet mittendrin: Hinter den letzten Wörtern fehlt etwas.',
  bookLost_one:
    '{{count, number}} von {{of, number}} Teilen dieses Buchs fehlt oder ist beschädigt ({{which}}).',
  bookLost_other:
    '{{count, number}} von {{of, number}} Teilen dieses Buchs fehlen oder sind beschädigt ({{which}}).',
  bookPictures_one: '{{count, number}} von {{of, number}} Teilen dieses Buchs ist ein Bild ohne Text.',
  bookPictures_other: '{{count, number}} von {{of, number}} Teilen dieses Buchs sind Bilder ohne Text.',
  contentsPage: 'Die Seite mit dem Inhaltsverzeichnis ist weggelassen: Die Gliederung enthält es.',
  noArticle:
    'Auf dieser Seite war kein Haupttext vom Rest zu unterscheiden, darum ist ihr ganzer Text übernommen.',
  menus:
    'Menüs und Ähnliches sind weggelassen: {{taken, number}} von {{of, number}} Zeichen sind übernommen. Nehmen Sie die Seite als ganzen Text auf, wenn etwas fehlt.',
  savedParts_one:
    '{{count, number}} weiterer Teil, der mit dieser Seite gespeichert ist, wird nicht gelesen: {{which}}.',
  savedParts_other:
    '{{count, number}} weitere Teile, die mit dieser Seite gespeichert sind, werden nicht gelesen: {{which}}.',
  escapes_one: '{{count, number}} Buchstabe, den die Datei umschreibt (\\u…), steht als er selbst da.',
  escapes_other: '{{count, number}} Buchstaben, die die Datei umschreibt (\\u…), stehen als sie selbst da.',
  nulHole_one: '{{count, number}} NUL-Byte ist weggelassen: ein Loch in der Datei.',
  nulHole_other: '{{count, number}} NUL-Bytes sind weggelassen: ein Loch in der Datei.',
  encodingGuessed:
    'Die Datei nennt ihre Kodierung nicht: {{encoding}} wurde vermutet (Gewissheit {{certainty, number}} %).',
  encodingWrong:
    'Die Datei gibt als Kodierung {{declared}} an, was nicht stimmt: {{encoding}} wurde vermutet (Gewissheit {{certainty, number}} %).',
  mixedAscii_one:
    'Die Datei enthält mehr als eine Kodierung: {{count, number}} Byte darin ist reines ASCII und wurde so gelesen.',
  mixedAscii_other:
    'Die Datei enthält mehr als eine Kodierung: {{count, number}} Bytes darin sind reines ASCII und wurden so gelesen.',
  mixedLines_one:
    'Die Datei enthält mehr als eine Kodierung: {{count, number}} Zeile darin ist nicht UTF-8 und wurde als {{encoding}} gelesen.',
  mixedLines_other:
    'Die Datei enthält mehr als eine Kodierung: {{count, number}} Zeilen darin sind nicht UTF-8 und wurden als {{encoding}} gelesen.',
  undecoded_one:
    '{{count, number}} Zeichen war nicht zu entschlüsseln und steht als \ufffd da, in Zeile {{line, number}}.',
  undecoded_other:
    '{{count, number}} Zeichen waren nicht zu entschlüsseln und stehen als \ufffd da, das erste in Zeile {{line, number}}.',
  pdfPicturePages_one:
    '{{count, number}} von {{of, number}} Seiten ist ein Bild ohne Text (Seite {{which}}). Lassen Sie den Text darauf vorher erkennen (OCR), zum Beispiel mit ocrmypdf, damit die Seite gelesen wird.',
  pdfPicturePages_other:
    '{{count, number}} von {{of, number}} Seiten sind Bilder ohne Text (Seite {{which}}). Lassen Sie den Text darauf vorher erkennen (OCR), zum Beispiel mit ocrmypdf, damit die Seiten gelesen werden.',
  pdfDamagedPages_one:
    '{{count, number}} von {{of, number}} Seiten ist beschädigt und wurde ausgelassen (Seite {{which}}).',
  pdfDamagedPages_other:
    '{{count, number}} von {{of, number}} Seiten sind beschädigt und wurden ausgelassen (Seite {{which}}).',
  pdfForm:
    'Dieses Formular hat seine Wörter neben den Seiten (XFA): Sie wurden von dort genommen, in der Reihenfolge der Felder.',
  pdfLostLetters_one:
    '{{count, number}} Zeichen war nicht zu bestimmen: Dieses PDF sagt nicht, welche Buchstaben seine Schriften zeigen. Eine Texterkennung (OCR) kann Besseres ergeben.',
  pdfLostLetters_other:
    '{{count, number}} Zeichen waren nicht zu bestimmen: Dieses PDF sagt nicht, welche Buchstaben seine Schriften zeigen. Eine Texterkennung (OCR) kann Besseres ergeben.',
  pdfMendedLetters_one:
    '{{count, number}} Zeichen einer Schrift ohne Buchstabentabelle wurde aus seinem Platz in der Schrift erschlossen. Vergleichen Sie es mit der Seite.',
  pdfMendedLetters_other:
    '{{count, number}} Zeichen von Schriften ohne Buchstabentabelle wurden aus ihren Plätzen in der Schrift erschlossen. Vergleichen Sie sie mit den Seiten.',
  pdfAttachments_one:
    '{{count, number}} Datei hängt an diesem PDF und wird nicht gelesen: {{which}}. Speichern Sie sie aus einem PDF-Betrachter, um sie zu lesen.',
  pdfAttachments_other:
    '{{count, number}} Dateien hängen an diesem PDF und werden nicht gelesen: {{which}}. Speichern Sie sie aus einem PDF-Betrachter, um sie zu lesen.'
} as const
