/** The library on a small disk, a real one: what fits is read, what does not is told in words, and it goes on after space was freed. */
import { expect, test as base } from './hosts'
import { noSmallDisk, type SmallDisk, smallDisk } from '../main/disk/testing/small-disk'
import { drop, isRead, library, longText, openDialog, picture, ready, row, sample } from './page'

let disk: SmallDisk
const megabytes = { 'of 12 MB': 12, 'of 136 MB': 136 }
const test = base.extend({
  // eslint-disable-next-line no-empty-pattern -- Playwright wants a pattern even where nothing is used.
  library: async ({}, use, { title }) => {
    const found = Object.entries(megabytes).find(([name]) => title.includes(name))
    disk = smallDisk((found?.[1] ?? 12) << 20)
    await use(disk.folder)
    disk.end()
  }
})
test.skip(noSmallDisk !== undefined, noSmallDisk)

test('a disk of 12 MB: a story is read; when it is full, that is said without a path or a flag, in both languages', async ({
  app: { page }
}) => {
  await ready(page)
  await page.getByRole('button', { name: 'Try the sample' }).click()
  await isRead(page, sample)
  const free = disk.fill(500_000)
  const refused = library(page).getByRole('alert')
  await drop(page, { path: 'second.txt', bytes: longText(300, 2) })
  await expect(refused).toContainText(
    /second\.txt was not added: it takes [\d.]+ kB on disk, [\d.]+ kB are free, and Readonce keeps 1\.0 MB of it free for your computer\./
  )
  await expect(refused).not.toContainText(/incoming|--library|[0-9a-f]{8}-/)
  await picture(page, 'disk-full-light')
  await refused.getByRole('button', { name: 'Dismiss' }).click()

  const settings = await openDialog(page, 'Control+,', 'Settings')
  await settings.getByLabel('Language').selectOption('de')
  await page.keyboard.press('Escape')
  await drop(page, { path: 'second.txt', bytes: longText(300, 2) })
  await expect(page.getByRole('navigation', { name: 'Bibliothek' }).getByRole('alert')).toContainText(
    /second\.txt wurde nicht hinzugefügt: .* davon hält Readonce 1,0 MB für Ihren Computer frei/
  )
  free()
  await drop(page, { path: 'second.txt', bytes: longText(300, 2) })
  await expect(page.locator('.document-row', { hasText: 'second.txt' })).toContainText('Gelesen mit')
})

test('a disk of 136 MB that fills while a text is read: told by the numbers of the plan, and read on once there is room', async ({
  app: { page }
}) => {
  await ready(page)
  await drop(page, { path: 'long.txt', bytes: longText(8_000) })
  const card = page.getByRole('region', { name: 'Reading this document' })
  await expect(row(page, 'long.txt')).toContainText(/([1-9]|\d\d)(\.\d)?% read/)
  const free = disk.fill()
  await expect(card).toContainText(
    /Not enough disk space: reading takes [\d.]+ MB, and 0 bytes can be used\. Readonce keeps 7\.1 MB free for your computer\./
  )
  await expect(card).not.toContainText('/')
  await picture(page, 'disk-full-reading-light')
  free()
  await card.getByRole('button', { name: 'Check again' }).click()
  await isRead(page, 'long.txt')
})

test('weights that a disk of 12 MB has no room for are not made, and the model runs as before', async ({
  app: { page }
}) => {
  await ready(page)
  const free = disk.fill(3_000_000)
  const dialog = await openDialog(page, 'Control+Shift+M', 'Models')
  const model = dialog.getByRole('listitem').first()
  await model.getByRole('button', { name: /^Actions for/ }).click()
  await page.getByRole('menuitem', { name: 'Precision' }).click()
  const choosing = dialog.getByRole('region', { name: /^How .+ is run$/ })
  await choosing.getByRole('radio', { name: /^8 bits, 4\.2 MB/ }).check()
  const make = choosing.getByRole('button', { name: 'Make 4.2 MB and use it' })
  await make.click()
  await expect(choosing.getByRole('alert')).toContainText(/4\.2 MB.*Nothing was changed\./)
  await expect(model).toContainText('16-bit weights')
  await picture(page, 'disk-full-weights-light')
  free()
  // What was asked for is still chosen.
  await make.click()
  await expect(model).toContainText('8-bit weights')
})
