/** Everything that can be done with a document. What cannot be undone asks first: `ask` opens that question. */
import { useTranslation } from 'react-i18next'
import type { DocumentInfo } from '../../../contract/document'
import { usualModel } from '../../flows/model-choice'
import { flows } from '../../flows/flows'
import { useDocuments } from '../../store/documents'
import { useEngine } from '../../store/engine'
import { bytes } from '../../ui/format'
import { EditIcon, FolderIcon, MoreIcon, PinIcon, PlusIcon, RefreshIcon, TrashIcon } from '../../ui/icons'
import { Menu, type MenuEntry } from '../../ui/menu'
import { readingBytes } from './document-state'
import { groupNames } from './groups'

/** A question about a document that has to be answered first. */
export interface Asked {
  readonly what: 'remove' | 'rename' | 'group' | 'forget' | 'readAgain'
  readonly id: string
}

interface DocumentMenuProps {
  readonly document: DocumentInfo
  readonly ask: (asked: Asked) => void
  readonly tabIndex: number
}

export function DocumentMenu({ document, ask, tabIndex }: DocumentMenuProps) {
  const { t } = useTranslation('library')
  return (
    <Menu label={t('menu.label', { name: document.name })} tabIndex={tabIndex} entries={entries}>
      <MoreIcon />
    </Menu>
  )

  function entries(): MenuEntry[] {
    const { id, pinned, file } = document
    const kept = readingBytes(document)
    return [
      { label: t('menu.rename'), icon: <EditIcon />, onSelect: () => ask({ what: 'rename', id }) },
      {
        label: t(pinned ? 'menu.unpin' : 'menu.pin'),
        icon: <PinIcon />,
        onSelect: () => void flows.documents.update(id, { pinned: !pinned })
      },
      'line',
      ...groups(),
      'line',
      ...models(),
      ...(file === 'changed'
        ? [
            {
              label: t('card.readChange'),
              icon: <RefreshIcon />,
              onSelect: () => void flows.documents.refresh(id)
            }
          ]
        : []),
      {
        label: t('menu.readAgain'),
        icon: <RefreshIcon />,
        disabled: kept === 0,
        onSelect: () => ask({ what: 'readAgain', id })
      },
      {
        label: t('menu.forget', { bytes: bytes(kept) }),
        icon: <TrashIcon />,
        disabled: kept === 0,
        onSelect: () => ask({ what: 'forget', id })
      },
      {
        label: t('menu.remove'),
        icon: <TrashIcon />,
        danger: true,
        onSelect: () => ask({ what: 'remove', id })
      }
    ]
  }

  function groups(): MenuEntry[] {
    const { id, group } = document
    const names = groupNames(Object.values(useDocuments.getState().documents))
    const move = (to: string): (() => void) => {
      return () => void flows.documents.update(id, { group: to })
    }
    return [
      { heading: t('menu.group') },
      ...(names.length > 0
        ? [{ label: t('menu.outOfGroup'), checked: group === '', onSelect: move('') }]
        : []),
      ...names.map(name => ({
        label: name,
        icon: <FolderIcon />,
        checked: group === name,
        onSelect: move(name)
      })),
      { label: t('menu.newGroup'), icon: <PlusIcon />, onSelect: () => ask({ what: 'group', id }) }
    ]
  }

  function models(): MenuEntry[] {
    const { id, modelId } = document
    const { models } = useEngine.getState()
    // With one model there is nothing to choose.
    if (models.length < 2 && !modelId) return []
    const usual = usualModel()
    return [
      { heading: t('menu.model') },
      {
        label: usual ? t('menu.defaultModel', { name: usual.name }) : t('menu.automatic'),
        checked: modelId === undefined || modelId === '',
        // The empty id: none of its own.
        onSelect: () => void flows.documents.update(id, { modelId: '' })
      },
      ...models.map(({ id: each, name }) => ({
        label: name,
        checked: modelId === each,
        onSelect: () => void flows.documents.update(id, { modelId: each })
      })),
      'line'
    ]
  }
}
