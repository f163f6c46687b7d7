export const failures = {
  noRoomToAdd:
    '{{name}} wurde nicht hinzugefügt: Es braucht {{needed, bytes}} auf der Platte, {{free, bytes}} sind frei, und davon hält Readonce {{reserve, bytes}} für Ihren Computer frei. Schaffen Sie Platz und fügen Sie es noch einmal hinzu.',
  noRoomToRead:
    '{{name}} wurde nicht gelesen: Das braucht {{needed, bytes}} auf der Platte, {{free, bytes}} sind frei, und davon hält Readonce {{reserve, bytes}} für Ihren Computer frei. Schaffen Sie Platz und lesen Sie es noch einmal.',
  noRoomToMove:
    'Die Bibliothek wurde nicht verlegt: Sie braucht {{needed, bytes}}, dort sind {{free, bytes}} frei, und davon hält Readonce {{reserve, bytes}} für Ihren Computer frei. Wählen Sie eine andere Platte oder schaffen Sie Platz.',
  diskFull:
    'Die Platte ist voll: {{needed, bytes}} mehr sind nötig, und {{free, bytes}} sind frei. Schaffen Sie Platz und versuchen Sie es noch einmal; was vorher aufbewahrt war, ist noch da.',
  diskLimit:
    'Eine Grenze dieses Benutzers oder Dateisystems ist erreicht ({{limit}}): {{needed, bytes}} mehr sind nötig, und {{free, bytes}} sind auf der Platte frei. Schaffen Sie Platz und versuchen Sie es noch einmal; was vorher aufbewahrt war, ist noch da.'
} as const
