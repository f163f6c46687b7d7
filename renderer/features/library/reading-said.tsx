/** What screen readers hear of readings: begin, every tenth part, end. Numbers that run are not read out. */
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useDocuments } from '../../store/documents'
import { percent } from '../../ui/format'

export function ReadingSaid() {
  const { t } = useTranslation('library')
  const [said, setSaid] = useState('')
  const before = useRef<{ id: string; tenths: number }>(undefined)
  const id = useDocuments(({ activity }) =>
    Object.keys(activity).find(each => ['reading', 'pausing'].includes(activity[each]?.name ?? ''))
  )
  const tenths = useDocuments(({ activity }) => {
    const now = activity[id ?? '']
    const progress = now?.name === 'reading' ? now.progress : undefined
    return progress ? Math.floor((progress.tokens / progress.total) * 10) : 0
  })
  useEffect(() => {
    const was = before.current
    before.current = id === undefined ? undefined : { id, tenths }
    const { documents, activity } = useDocuments.getState()
    if (was && was.id !== id) {
      const document = documents[was.id]
      if (!document) return
      const isRead = document.readings.some(({ state }) => state === 'complete')
      const ended = activity[was.id]?.name === 'failed' ? 'failed' : isRead ? 'read' : 'paused'
      setSaid(t(`said.${ended}`, { name: document.name }))
    } else if (id !== undefined) {
      const name = documents[id]?.name ?? ''
      if (!was) setSaid(t('said.begins', { name }))
      else if (tenths > was.tenths && tenths < 10)
        setSaid(t('said.reading', { name, percent: percent(tenths, 10) }))
    }
  }, [id, tenths, t])
  useEffect(() => {
    // Later it is no news any more, and would be met by somebody who reads through the page.
    const timer = setTimeout(() => setSaid(''), 10_000)
    return () => clearTimeout(timer)
  }, [said])
  return (
    <p role="status" className="visually-hidden">
      {said}
    </p>
  )
}
