/** A printed page in words, as the document counts it: "Page iv". */
import type { TFunction } from 'i18next'
import type { Outline } from '../../../contract/document'
import { sheetName } from './outline'

/** `sheet` from 1. */
export function sheetTitle(t: TFunction<'reader'>, outline: Outline, sheet: number): string {
  const name = sheetName(outline, sheet)
  return name === undefined ? t('sheet', { sheet }) : t('sheetNamed', { name })
}
