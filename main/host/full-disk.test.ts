/** Small and full disks, real ones: one number for plan and check, clear words, nothing lost, and on it goes after some was freed. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { longestSlice } from '../../contract/bytes'
import { reserveOf } from '../disk/disk-space'
import { openLibrary } from '../disk/library'
import { PageFile } from '../disk/page-file'
import { noSmallDisk, type SmallDisk, smallDisk } from '../disk/testing/small-disk'
import { type MachineHost, makeHost } from './host'

let disk: SmallDisk
let host: MachineHost

async function begin(bytes: number): Promise<void> {
  disk = smallDisk(bytes)
  host = makeHost({
    library: await openLibrary(join(disk.folder, 'library')),
    embedded: [{ id: 'embedded', name: 'sample', folder: join(disk.folder, 'none') }],
    version: '1.2.3',
    software: 'Test'
  })
}

afterEach(async () => {
  await host.close()
  disk.end()
})

const stream = (bytes: Buffer): ReadableStream => Readable.toWeb(Readable.from([bytes])) as ReadableStream
async function put(drop: string, path: string, bytes: Buffer): Promise<void> {
  for (let at = 0; at === 0 || at < bytes.length; at += longestSlice) {
    const slice = bytes.subarray(at, at + longestSlice)
    const total = bytes.length - at
    await host.drops.put(drop, path, stream(slice), { length: slice.length, at, total })
  }
}

async function add(name: string, text: string) {
  await put('d', name, Buffer.from(text))
  return (await host.calls.addDocuments({ drop: 'd' }, {})).added[0]!.document
}

/** Distinct text: the same is the same document. */
const textOf = (bytes: number, name: string): string => `${name}\n`.padEnd(bytes, `All of ${name} is read. `)

/** What a person is told: no path of the library, no id, no flag. */
async function refusal(work: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = (await work.then(
    () => undefined,
    (error: unknown) => error
  )) as { code: string; message: string }
  expect(error, 'it was refused').toBeDefined()
  expect(error.message).not.toContain(disk.folder)
  expect(error.message).not.toMatch(/incoming|documents\/|[0-9a-f]{8}-[0-9a-f]{4}|[0-9a-f]{16}|--/)
  return error
}

const filesIn = (folder: string): string[] =>
  readdirSync(join(disk.folder, 'library', folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && !entry.name.endsWith('.lock'))
    .map(({ name }) => name)

const chat = (content: string) => ({
  id: 'c1',
  title: 'A talk',
  modelKey: 'm-1',
  messages: [{ id: 'm1', role: 'user', content, at: '2026-05-01T00:00:00.000Z' }],
  createdAt: '2026-05-01T00:00:00.000Z',
  updatedAt: '2026-05-01T00:00:00.000Z'
})

describe.skipIf(noSmallDisk !== undefined)(
  `on a small disk${noSmallDisk ? ` (not run: ${noSmallDisk})` : ''}`,
  () => {
    test.each([12, 136, 900])(
      'of %i MB a document is added, and plan, check and answer have one number',
      async mb => {
        await begin(mb << 20)
        const document = await add('sherlock.txt', textOf(244_000, 'sherlock'))
        const use = await host.calls.diskUse(document.id)
        expect(use.reserve).toBe(reserveOf(mb << 20))
        expect(use).toMatchObject({ room: use.free - use.reserve, limit: 'disk' })
        expect(use.room).toBeGreaterThan(0.85 * (mb << 20) - 2e6)
        expect(await host.calls.makeRoom(use.room, document.id)).toMatchObject({ fits: true })
        const refused = await host.calls.makeRoom(use.room + 1, document.id)
        expect(refused).toMatchObject({ fits: false, use: { room: use.room, reserve: use.reserve } })
      }
    )

    describe('of 12 MB', () => {
      beforeEach(() => begin(12 << 20))

      test('a file that would take the reserve is refused by all numbers, whole, and a smaller one is taken', async () => {
        const bytes = Buffer.alloc(11_900_000, 'a')
        expect((await refusal(put('big', 'big.txt', bytes))).message).toMatch(
          /^big\.txt was not added: it takes 11\.9 MB on disk, 12\.\d MB are free, and Readonce keeps 1\.0 MB of it free/
        )
        // Sent without a length, it fills the disk, and is taken away again.
        const free = disk.fill(4_000_000)
        expect(await refusal(host.drops.put('big', 'long.txt', stream(Buffer.alloc(7 << 20))))).toMatchObject(
          {
            code: 'disk-full',
            message: expect.stringMatching(/^The disk is full: .* Free some space and try again/)
          }
        )
        expect(filesIn('incoming')).toEqual([])
        free()
        expect(await add('small.txt', textOf(3_000_000, 'small'))).toMatchObject({ name: 'small.txt' })
      })

      test('the text of a file that lies elsewhere is held to the same rule, and nothing of it stays', async () => {
        const path = join(disk.folder, 'elsewhere.txt')
        writeFileSync(path, textOf(6_000_000, 'elsewhere'))
        const grant = host.grants.give(path)
        const { added, refused } = await host.calls.addDocuments({ grants: [grant] }, {})
        expect(added).toEqual([])
        expect(refused).toEqual([
          expect.objectContaining({
            code: 'disk-full',
            message: expect.stringMatching(
              /^elsewhere\.txt was not added: it takes 6\.0 MB on disk, 6\.\d MB are free/
            ),
            said: expect.objectContaining({ name: 'noRoomToAdd' })
          })
        ])
        expect(filesIn('documents')).toEqual([])
      })

      test('what lies in the trash is counted as room, and goes when that is wanted', async () => {
        const { id } = await add('a.txt', textOf(5000, 'a'))
        const other = await add('b.txt', textOf(3_000_000, 'b'))
        const { id: trashed } = await host.calls.removeDocument(other.id)
        const { room, free, reserve } = await host.calls.diskUse(id)
        expect(room).toBeGreaterThan(free - reserve + 2_900_000)
        expect(await host.calls.makeRoom(free - reserve - 100_000, id)).toMatchObject({ fits: true })
        expect((await host.calls.listTrash()).map(each => each.id)).toEqual([trashed])
        expect(await host.calls.roomAhead(room - 100_000, id)).toMatchObject({ fits: true, leaving: [] })
        expect((await host.calls.listTrash()).map(each => each.id)).toEqual([trashed])
        expect(await host.calls.makeRoom(room - 100_000, id)).toMatchObject({ fits: true, evicted: [] })
        expect(await host.calls.listTrash()).toEqual([])
      })

      test('full in the middle of a reading and of a conversation: told, nothing lost, and on it goes', async () => {
        const { id } = await add('a.txt', textOf(5000, 'a'))
        await host.library().writeChat(id, chat('first'))
        const identity = { text: 'x' }
        const pages = new PageFile(host.library().pages(id, 'm-1'))
        await pages.open(identity)
        await pages.begin(identity)
        await pages.append('page', Buffer.alloc(100_000, 1))

        const free = disk.fill()
        expect(await refusal(pages.append('page', Buffer.alloc(100_000, 2)))).toMatchObject({
          code: 'disk-full',
          message: expect.stringMatching(
            /^The disk is full: 100\.0 kB more are needed, and 0 bytes are free\./
          )
        })
        const longer = chat('second '.repeat(20_000))
        expect(await refusal(host.library().writeChat(id, longer))).toMatchObject({ code: 'disk-full' })
        expect(await refusal(host.calls.setSettings({ fontSize: 18 }))).toMatchObject({ code: 'disk-full' })
        expect(await refusal(put('e', 'b.txt', Buffer.from('b')))).toMatchObject({ code: 'disk-full' })
        expect((await host.library().readChat(id, 'c1')).messages[0].content).toBe('first')
        expect((await host.calls.diskUse(id)).room).toBe(0)
        expect(await host.calls.makeRoom(1, id)).toMatchObject({ fits: false })

        free()
        await pages.append('page', Buffer.alloc(100_000, 2))
        await pages.close()
        const again = new PageFile(host.library().pages(id, 'm-1'))
        expect(await again.open(identity)).toMatchObject({ state: 'partial', records: [{}, {}] })
        await again.close()
        await host.library().writeChat(id, longer)
        expect(await host.calls.setSettings({ fontSize: 18 })).toMatchObject({ fontSize: 18 })
        await host.calls.removeDocument(id)
      })

      test('what a person would miss is written into the reserve, what can wait is not', async () => {
        const { id } = await add('a.txt', textOf(5000, 'a'))
        const free = disk.fill(900_000)
        expect((await host.calls.diskUse(id)).room).toBe(0)
        expect((await refusal(put('e', 'b.txt', Buffer.from('b')))).message).toMatch(
          /it takes 1 byte on disk, \d{3}\.\d kB are free, and Readonce keeps 1\.0 MB of it free/
        )
        await host.library().writeChat(id, chat('kept'))
        await host.calls.updateDocument(id, { pinned: true })
        free()
      })

      test('a model that does not fit is refused before it is copied', async () => {
        const weights = Buffer.alloc(11_900_000)
        expect((await refusal(put('m', 'model.safetensors', weights))).message).toMatch(
          /^model\.safetensors was not added/
        )
        await put('m', 'params.json', Buffer.from('{}'))
        await refusal(host.calls.importModel({ drop: 'm' }, 'large', 'job'))
        expect(filesIn('incoming')).toEqual([])
      })

      test('a library is not moved to where it would take the reserve', async () => {
        await add('a.txt', textOf(3_000_000, 'a'))
        const target = smallDisk(3 << 20)
        try {
          mkdirSync(join(target.folder, 'new'))
          const { message } = await refusal(host.calls.moveLibrary({ path: join(target.folder, 'new') }))
          expect(message).toMatch(
            /^The library was not moved: it takes 3\.0 MB, 3\.1 MB are free there, and Readonce keeps 1\.0 MB of it free/
          )
          expect(readdirSync(join(target.folder, 'new'))).toEqual([])
          expect(await host.calls.listDocuments()).toHaveLength(1)
        } finally {
          target.end()
        }
      })
    })
  }
)
