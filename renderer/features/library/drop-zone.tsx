/** The whole window takes what is dropped; without this a dropped file would replace the page. */
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { flows } from '../../flows/flows'
import { DownloadIcon } from '../../ui/icons'
import { offerModel } from '../models/offer'
import { droppedFiles, droppedModel } from './dropped'
import { take } from './take'

export function DropZone() {
  const { t } = useTranslation('library')
  const over = useDropAnywhere()
  if (!over) return null
  return (
    <div className="drop-zone" aria-hidden="true">
      <div>
        <DownloadIcon />
        <strong>{t('dropTitle')}</strong>
        <span>{t('dropText')}</span>
      </div>
    </div>
  )
}

function useDropAnywhere(): boolean {
  const [over, setOver] = useState(false)
  useEffect(() => {
    let isOver = false
    const drag = (event: DragEvent): void => {
      // Text that is dragged inside the page is none of our business.
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      event.dataTransfer.dropEffect = 'copy'
      setOver(true)
      if (!isOver) flows.adding.prepare()
      isOver = true
    }
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget !== null) return
      setOver(false)
      isOver = false
    }
    const drop = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      setOver(false)
      isOver = false
      void dropped(event.dataTransfer)
    }
    addEventListener('dragover', drag)
    addEventListener('dragleave', leave)
    addEventListener('drop', drop)
    return () => {
      removeEventListener('dragover', drag)
      removeEventListener('dragleave', leave)
      removeEventListener('drop', drop)
    }
  }, [])
  return over
}

async function dropped(data: DataTransfer): Promise<void> {
  // All three look at the drop before the first waiting: it is empty after the event.
  const entries = Array.from(data.items).flatMap(item => item.webkitGetAsEntry() ?? [])
  const files = droppedFiles(data, flows.host().grant !== undefined)
  const model = droppedModel(entries)
  const [only] = entries
  const found = await model
  if (found) void offerModel(found)
  else take(await files, entries.length === 1 && only?.isDirectory ? only.name : undefined)
}
