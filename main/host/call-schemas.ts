/** The arguments of every call, as a page may send them. What is not allowed here reaches no code of the host. */
import { encodings } from '../../contract/encodings'
import { z } from 'zod'
import type { HostCalls } from '../../contract/host'
import { SpeedRecord } from '../disk/reading-speeds'
import { SettingsChange } from '../disk/settings-file'
import { DocumentView } from '../disk/views'

const id = z.string().min(1).max(200)
const name = z.string().trim().min(1, 'a name is expected').max(300)
const adapter = z.string().min(1).max(300)
const tokens = z.number().int().nonnegative().max(1e12)
const bytes = z.number().nonnegative().max(1e15)
const path = z.string().min(1).max(4096)
const grants = z.array(z.string().max(100)).min(1).max(20_000)
const source = z
  .strictObject({ grants: grants.optional(), drop: id.optional() })
  .refine(({ grants, drop }) => grants !== undefined || drop !== undefined, 'grants or a drop are expected')

const Agreed = z.strictObject({ documentId: id, modelKey: id, tokens })
const Reading = z
  .strictObject({
    modelKey: id,
    modelName: z.string().min(1).max(300),
    tokens,
    read: tokens,
    state: z.enum(['partial', 'complete']),
    limit: tokens.optional()
  })
  .refine(({ tokens, read }) => read <= tokens, 'more tokens are read than there are')

export const callSchemas = {
  about: z.tuple([]),
  diagnostics: z.tuple([]),
  listDocuments: z.tuple([]),
  prepareToAdd: z.tuple([]),
  addDocuments: z.tuple([
    source,
    z.strictObject({ asOne: name.optional(), html: z.enum(['readable', 'whole']).optional() })
  ]),
  updateDocument: z.tuple([
    id,
    z.strictObject({
      name: name.optional(),
      group: z.string().trim().max(300).optional(),
      pinned: z.boolean().optional(),
      modelId: z.string().max(300).optional()
    })
  ]),
  touchDocument: z.tuple([id]),
  removeDocument: z.tuple([id]),
  removeReading: z.tuple([id, id]),
  trashReading: z.tuple([id, id]),
  listTrash: z.tuple([]),
  restore: z.tuple([id]),
  keepView: z.tuple([id, DocumentView.strict()]),
  noteReading: z.tuple([id, Reading]),
  refreshDocument: z.tuple([
    id,
    z
      .strictObject({
        encoding: z.enum(encodings).optional(),
        drop: id.optional(),
        asOne: name.optional(),
        html: z.enum(['readable', 'whole']).optional()
      })
      .optional()
  ]),
  diskUse: z.tuple([z.string().max(200).optional()]),
  roomAhead: z.tuple([bytes, z.string().max(200)]),
  makeRoom: z.tuple([bytes, z.string().max(200), z.array(Agreed).max(100_000).optional()]),
  readingSpeeds: z.tuple([id, adapter]),
  noteSpeed: z.tuple([SpeedRecord.omit({ at: true })]),
  listChats: z.tuple([id]),
  renameChat: z.tuple([id, id, name]),
  deleteChat: z.tuple([id, id]),
  searchChats: z.tuple([z.string().max(1000)]),
  listModels: z.tuple([]),
  importModel: z.tuple([source, name, id]),
  steerImport: z.tuple([id, z.enum(['pause', 'resume', 'cancel'])]),
  removeModel: z.tuple([z.string().min(1).max(300)]),
  keepWeights: z.tuple([z.string().min(1).max(300), id]),
  removeWeights: z.tuple([z.string().min(1).max(300), z.enum(['f16', 'int8', 'int4'])]),
  getSettings: z.tuple([]),
  setSettings: z.tuple([SettingsChange]),
  resetSettings: z.tuple([]),
  chooseFolder: z.tuple([]),
  moveLibrary: z.tuple([z.union([z.strictObject({ grant: id }), z.strictObject({ path })])]),
  takeOpened: z.tuple([]),
  showReading: z.tuple([z.number().min(0).max(1).nullable()]),
  left: z.tuple([]),
  notify: z.tuple([z.string().max(300), z.string().max(2000)]),
  restartProgram: z.tuple([z.enum(['automatic', 'plain', 'x11', 'software'])])
} satisfies { [C in keyof HostCalls]: z.ZodType<Readonly<Parameters<HostCalls[C]>>> }
