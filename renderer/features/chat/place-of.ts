/** A document's headings and printed pages for labels of places: fetched once for all answers about it. */
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Passage } from '../../../contract/chat'
import type { Outline } from '../../../contract/document'
import { flows } from '../../flows/flows'
import { useDocuments } from '../../store/documents'
import { emptyOutline, fetchOutline } from '../reader/outline'
import { placeLabels } from './place-labels'

/** The last document's, by id and text. */
let known: { readonly key: string; readonly outline: Promise<Outline> } | undefined

function outlineOf(documentId: string, textDigest: string): Promise<Outline> {
  const key = `${documentId} ${textDigest}`
  if (known?.key !== key)
    // Without an outline the places are percentages, and the next answer tries again.
    known = {
      key,
      outline: fetchOutline(flows.host().bytes, documentId, new AbortController().signal).catch(() => {
        known = undefined
        return emptyOutline
      })
    }
  return known.outline
}

/** A label for each passage; none as long as they are not known, and where they point into an earlier text. */
export function usePlaceLabels(
  documentId: string,
  sources: readonly Passage[],
  changed: boolean
): readonly string[] {
  const { t } = useTranslation('chat')
  const digest = useDocuments(({ documents }) => documents[documentId]?.textDigest)
  const length = useDocuments(({ documents }) => documents[documentId]?.characters ?? 0)
  const [outline, setOutline] = useState<Outline>()
  const wanted = !changed && sources.length > 0
  useEffect(() => {
    if (digest === undefined || !wanted) return setOutline(undefined)
    let here = true
    void outlineOf(documentId, digest).then(outline => here && setOutline(outline))
    return () => void (here = false)
  }, [documentId, digest, wanted])
  if (!outline || !wanted) return []
  return placeLabels(
    sources.map(({ start }) => start),
    outline,
    length,
    {
      page: (page, name) =>
        name === undefined ? t('sources.page', { page }) : t('sources.pageNamed', { name }),
      alone: share => t('sources.alone', { share }),
      share: (share, digits) =>
        t('sources.position', {
          share,
          formatParams: {
            share: { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits }
          }
        })
    }
  )
}
