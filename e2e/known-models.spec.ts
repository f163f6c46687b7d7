/** The page of models names what is worth having, in both languages, and fetches nothing. */
import { complaints } from './axe'
import { expect, test } from './hosts'
import { openDialog, picture, ready } from './page'

test('the models page names Gemma 4 to be copied, in English and in German', async ({ app: { page } }) => {
  await page.context().grantPermissions(['clipboard-write'])
  await ready(page)
  const dialog = await openDialog(page, 'Control+Shift+M', 'Models')
  const known = dialog.getByRole('region', { name: 'Models worth having' })
  await expect(known).toContainText('google/gemma-4-E2B-it-qat-mobile-transformers')
  await expect(known).toContainText(/2\.5 GB on disk, about 796 MB of memory and 276 MB for each 100 pages/)
  await expect(known).toContainText('Apache-2.0')
  await expect(known).toContainText('No small model is good at 128,000 tokens')
  await expect(known).toContainText(
    /qat-q4_0-unquantized .*GGUF, LiteRT-LM, ONNX, MLX and compressed-tensors do not/
  )
  await known.getByRole('button', { name: /^Copy the name google\/gemma-4-E4B/ }).click()
  await expect(known.getByRole('status').nth(1)).toHaveText('Copied.')
  await known.scrollIntoViewIfNeeded()
  expect(await complaints(page)).toEqual([])
  await picture(page, 'models-known-light')
  await page.setViewportSize({ width: 400, height: 760 })
  await picture(page, 'models-known-narrow-light')
  await page.setViewportSize({ width: 1280, height: 800 })
  await dialog.getByRole('button', { name: 'Close' }).click()

  const settings = await openDialog(page, 'Control+,', 'Settings')
  await settings.getByLabel('Language').selectOption('de')
  await page.getByRole('dialog', { name: 'Einstellungen' }).getByRole('button', { name: 'Schließen' }).click()
  const german = await openDialog(page, 'Control+Shift+M', 'Modelle')
  const same = german.getByRole('region', { name: 'Modelle, die sich lohnen' })
  await expect(same).toContainText(/2,5 GB auf der Platte/)
  await expect(same).toContainText('Bei 128.000 Token ist kein kleines Modell gut')
  await same.scrollIntoViewIfNeeded()
  await picture(page, 'models-known-german-light')
})
