/** Groups and their documents, with one stop for Tab and arrows between the rows. */
import { type KeyboardEvent, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useView } from '../../store/view'
import { ChevronDownIcon, ChevronEndIcon } from '../../ui/icons'
import type { Asked } from './document-menu'
import { DocumentRow } from './document-row'
import type { Group } from './groups'

interface LibraryListProps {
  readonly groups: readonly Group[]
  /** All groups are shown open, whatever a person folded up: a search must not hide its hits. */
  readonly open: boolean
  readonly ask: (asked: Asked) => void
}

export function LibraryList({ groups, open, ask }: LibraryListProps) {
  const { t } = useTranslation('library')
  const list = useRef<HTMLDivElement>(null)
  const [at, setAt] = useState<string>()
  const documentId = useView(view => view.documentId)
  const closed = useView(view => view.closedGroups)
  const hasHeads = groups.length > 1 || groups[0]?.name !== ''
  const isClosed = (name: string): boolean => !open && hasHeads && closed.includes(name)
  const rows = groups.flatMap(({ name, ids }) => [
    ...(hasHeads ? [groupRow(name)] : []),
    ...(isClosed(name) ? [] : ids)
  ])
  const reachable = [at, documentId].find(id => id !== undefined && rows.includes(id)) ?? rows[0]

  const press = (event: KeyboardEvent): void => {
    const row = (event.target as HTMLElement).dataset['row']
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key === 'Delete' || (event.key === 'Backspace' && !isGroup(row)))
      return question('remove', row, event)
    if (event.key === 'F2') return question('rename', row, event)
    const all = [...(list.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])]
    const to = next(event.key, all.indexOf(event.target as HTMLElement), all)
    if (!to) return
    event.preventDefault()
    to.focus()
  }
  const question = (what: Asked['what'], row: string, event: KeyboardEvent): void => {
    if (isGroup(row)) return
    event.preventDefault()
    ask({ what, id: row })
  }

  return (
    <div
      ref={list}
      className="library-list"
      onKeyDown={press}
      onFocus={({ target }) => {
        const row =
          target.closest<HTMLElement>('[data-row]') ??
          target.closest('li')?.querySelector<HTMLElement>('[data-row]')
        if (row) setAt(row.dataset['row'])
      }}
    >
      {groups.map(({ name, ids }) => (
        <section key={name} aria-label={name || t('documents')}>
          {hasHeads && (
            <h3>
              <button
                type="button"
                data-row={groupRow(name)}
                className="group-head"
                tabIndex={reachable === groupRow(name) ? 0 : -1}
                aria-expanded={!isClosed(name)}
                onClick={() => fold(name)}
              >
                {isClosed(name) ? <ChevronEndIcon /> : <ChevronDownIcon />}
                <span className="group-name">{name || t('noGroup')}</span>
                <span className="quiet numbers">{ids.length}</span>
              </button>
            </h3>
          )}
          {!isClosed(name) && (
            <ul>
              {ids.map(id => (
                <DocumentRow key={id} id={id} reachable={reachable === id} ask={ask} />
              ))}
            </ul>
          )}
        </section>
      ))}
    </div>
  )
}

const groupRow = (name: string): string => `group ${name}`
const isGroup = (row: string): boolean => row.startsWith('group ')

const fold = (name: string): void =>
  useView.setState(({ closedGroups }) => ({
    closedGroups: closedGroups.includes(name)
      ? closedGroups.filter(each => each !== name)
      : [...closedGroups, name]
  }))

function next(key: string, at: number, rows: readonly HTMLElement[]): HTMLElement | undefined {
  if (key === 'ArrowDown') return rows[at + 1]
  if (key === 'ArrowUp') return rows[at - 1]
  if (key === 'Home') return rows[0]
  if (key === 'End') return rows.at(-1)
  return undefined
}
