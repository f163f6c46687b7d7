/** Keeps what is marked in the text as the stores have it: the place shown, an answer's sources, how far was read. */
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { DocumentInfo } from '../../../contract/document'
import { useDocuments } from '../../store/documents'
import { type Place, useView } from '../../store/view'
import { showHit, useFind } from './find'
import { useHighlights } from './highlights'
import { readShare } from './read-share'
import { isShown, say, useReader } from './reader-store'
import { shownText } from './shown-text'

/** Once it was shown, a place is marked again when its document comes back, but not scrolled to. */
let lastShown: Place | undefined

export function useMarks(document: DocumentInfo): void {
  const { t } = useTranslation('reader')
  const { id, characters } = document
  const isReady = useReader(isShown(id))

  const place = useView(view => (view.place?.documentId === id ? view.place : undefined))
  useEffect(() => {
    const text = shownText()
    if (!text || !place || !isReady) return
    text.mark({ place })
    if (place === lastShown) return
    lastShown = place
    if (place.start >= text.length) return say(t('sourceMissing'))
    text.reveal(place.start, place.end)
    const words = text.slice(place.start, Math.min(place.end, place.start + 160))
    say(t('sourceShown', { words: words.replace(/\s+/g, ' ').trim() }))
  }, [place, isReady, t])

  const sources = useHighlights(({ documentId, spans }) => (documentId === id ? spans : noSpans))
  useEffect(() => {
    if (isReady) shownText()?.mark({ sources })
  }, [sources, isReady])

  useEffect(() => {
    // The worker may have found everything before the text was here.
    const { hits, active } = useFind.getState()
    if (!isReady || hits.count === 0) return
    shownText()?.mark({ hits, activeHit: active })
    if (active >= 0) showHit(active)
  }, [isReady])

  const activity = useDocuments(store => store.activity[id])
  const share = readShare(document, activity)
  // A tenth of a percent is less than a page of a novel; more often the marker need not move.
  const thousandths = share === undefined ? undefined : Math.floor(share * 1000)
  useEffect(() => {
    if (!isReady) return
    const read =
      thousandths === undefined
        ? undefined
        : {
            to: Math.floor((characters * thousandths) / 1000),
            label: t('readTo', { percent: Math.floor(thousandths / 10) })
          }
    shownText()?.mark({ read })
  }, [thousandths, characters, isReady, t])
}

const noSpans: readonly never[] = []
