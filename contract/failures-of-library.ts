/** Sentences about the library, what lies in it, the disk and other programs: see failure-words.ts. */
export const failuresOfLibrary = {
  noRoomToAdd:
    '{{name}} was not added: it takes {{needed, bytes}} on disk, {{free, bytes}} are free, and Readonce keeps {{reserve, bytes}} of it free for your computer. Free some space and add it again.',
  noRoomToRead:
    '{{name}} was not read: that takes {{needed, bytes}} on disk, {{free, bytes}} are free, and Readonce keeps {{reserve, bytes}} of it free for your computer. Free some space and read it again.',
  noRoomToMove:
    'The library was not moved: it takes {{needed, bytes}}, {{free, bytes}} are free there, and Readonce keeps {{reserve, bytes}} of it free for your computer. Choose another disk or free some space.',
  diskFull:
    'The disk is full: {{needed, bytes}} more are needed, and {{free, bytes}} are free. Free some space and try again; what was kept before is still there.',
  diskLimit:
    'A limit of this user or file system was reached ({{limit}}): {{needed, bytes}} more are needed, and {{free, bytes}} are free on the disk. Free some space and try again; what was kept before is still there.',
  pathMissing: 'There is no file {{path}}. Check the path.',
  fileGone: '{{what, said}} is not there any more.',
  mayNotRead: '{{what, said}} may not be read by this user. Change its permissions or copy it.',
  linkLoop: '{{what, said}} is a link that leads back to itself.',
  readBroke: '{{what, said}} could not be read: {{reason}}.',
  mayNotWrite:
    '{{what, said}} may not be written by this user. Check the permissions of the library’s folder, or move the library.',
  writeBroke: '{{what, said}} could not be written: {{reason}}.',
  isNoFile: '{{path}} is a folder, a pipe or a device, and a file was expected.',
  ownText: 'The kept text of a document',
  ownChat: 'A conversation',
  ownRecord: 'What is known of a document',
  ownReading: 'What was read of a document',
  ownSent: 'What was sent',
  ownSettings: 'The settings',
  ownDigests: 'The list of what model files contain',
  ownSpeeds: 'The list of how fast this computer read',
  ownLocation: 'The note of where the library is',
  ownModel: 'The model {{name}}',
  ownLibrary: 'The library',
  ownDocument: 'The document {{id}}',
  ownSomeDocument: 'A document of the library',
  ownThisReading: 'What was read of this document',
  ownWeights: '{{name}} of {{model}}',
  lockedOften: '{{what, said}} is being opened by several programs at once. Try again.',
  lockedHere: '{{what, said}} is in use by this program already. Close it there and try again.',
  lockedBy:
    '{{what, said}} is in use by another program (process {{process}}). Close it there and try again.',
  lockedElsewhere:
    '{{what, said}} is in use by a program on the computer {{computer}} (process {{process}}); if it no longer runs, delete {{path}}. Close it there and try again.',
  putAside: '{{what, said}} could not be understood and was put aside as {{aside}}: {{why}}',
  chatBroken: 'This conversation is damaged. {{reason, said}}',
  chatGone: 'This conversation is not there any more.',
  textChanged: 'The kept text of this document was changed or damaged on disk. Add the original file again.',
  documentUnknown: 'The library has no document {{what}}.',
  documentAmbiguous: '"{{what}}" may be any of {{list}}. Give the whole id.',
  originUnknown:
    'Where {{name}} was added from is not known. Add the file again; what was read of it is used.',
  readingTakenOver:
    'What was read of this document is not open here: another window took it over, or it was closed. Open the document again.',
  recordDamaged: 'Record {{index, number}} is damaged: its checksum does not match.',
  erasedMeanwhile: 'It was erased meanwhile and cannot be brought back.',
  readFurther: '{{name}} was read again meanwhile, and further than before.',
  libraryMissing:
    'The library was moved to {{folder}}, and that folder is not there. Connect its disk and start again; or, to begin with an empty library, delete {{note}}.',
  locationBroken:
    '{{path}} says where the library was moved to, and it cannot be understood. Write {"folder": "…"} with the library\'s folder into it and start again.',
  copyMissing:
    '{{copy}} should have {{expected, number}} bytes and is not there: the copy failed. The library stays where it was.',
  copyShort:
    '{{copy}} should have {{expected, number}} bytes and has {{found, number}}: the copy failed. The library stays where it was.',
  moveRelative: '{{path}} is no whole path of a folder.',
  moveHere: 'The library is in {{folder}} already.',
  moveInside: '{{to}} and the library’s folder {{folder}} lie inside one another. Choose another folder.',
  moveToFile: '{{folder}} is a file; a folder is expected.',
  moveNotEmpty: '{{folder}} is not empty ({{names}}). Choose an empty folder or make a new one.',
  moveUnderWay: 'The library is being moved. Try again when that is done.',
  moveBusy: 'A document is open or being read. Stop reading, close the documents, and move the library then.',
  noFolderDialog: 'No dialog for a folder can be shown here; type its path.',
  folderDialog: 'A folder is chosen in the dialog here.',
  grantUnknown: 'This file was not chosen in this run of the program. Choose it again.',
  graphicsUnknown: 'This program cannot be started again with graphics "{{graphics}}".',
  hostEnded: 'The program behind this page has ended. Start it again and open its new address.',
  earlierRun: 'This page belongs to an earlier run. Open the address that Readonce printed last.',
  noKey: 'Open the whole address that Readonce printed: the part behind # is its key.'
} as const satisfies Record<string, string>
