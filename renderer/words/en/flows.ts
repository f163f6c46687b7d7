export const flows = {
  evicted: 'Made room on disk: what was read of {{name}} was removed. The document itself is still there.',
  added: '{{name}} was added. What you look at stays in front.',
  alreadyHere: '{{name}} is in the library already.',
  ignored_one: 'One file was left out: .gitignore names it, or it holds no text.',
  ignored_other: '{{count, number}} files were left out: .gitignore names them, or they hold no text.',
  trashed: {
    document: '“{{name}}” was removed.',
    reading: 'What was read of “{{name}}” was removed ({{bytes}}).',
    chat: 'The conversation “{{name}}” was deleted.',
    model: 'The model {{name}} was removed ({{bytes}}).'
  },
  notBack: 'It could not be brought back: {{reason}}',
  nothing: 'Nothing to read was found. Drop files or folders.',
  folderIsModel: '{{name}} holds a model and not a document. Import it in Models.',
  readTitle: '{{name}} was read',
  readBody: 'Ask about any of it.'
} as const
