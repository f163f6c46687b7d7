/** The library: open, search, groups, documents. One row is reachable by Tab, the arrows lead to the others. */
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Settings } from '../../../contract/settings'
import { flows } from '../../flows/flows'
import { useDocuments } from '../../store/documents'
import { useSettings } from '../../store/settings'
import { CloseIcon, FolderIcon, PlusIcon, SearchIcon, SortIcon } from '../../ui/icons'
import { Menu } from '../../ui/menu'
import { useLayout } from '../../ui/use-layout'
import type { Asked } from './document-menu'
import { groupsOf, listKey, sorted, sorts } from './groups'
import './library.css'
import { LibraryList } from './library-list'
import { Notices } from './notices'
import { pick } from './pickers'
import { Question } from './questions'
import { ImportingList } from './importing-list'
import { Welcome } from './welcome'

/** Few documents are seen at once. */
const worthSearching = 4

/** Without `hasNotices` they are shown elsewhere: the pane is not on the screen. */
export function LibraryPane({ hasNotices }: { hasNotices: boolean }) {
  const { t } = useTranslation('library')
  const [words, setWords] = useState('')
  const [asked, setAsked] = useState<Asked>()
  const by = useSettings(settings => settings.librarySort)
  const key = useDocuments(({ order, documents }) => listKey(sorted(order, documents, by), documents))
  const groups = useMemo(() => groupsOf(key, words), [key, words])
  const count = useDocuments(({ order }) => order.length)
  const state = useDocuments(store => store.state)
  return (
    <section className="library" aria-label={t('title')}>
      <header className="library-head">
        <h2>{t('title')}</h2>
        <button type="button" className="button small main" onClick={() => pick('files')}>
          <PlusIcon />
          {t('open')}
        </button>
        <button
          type="button"
          className="icon-button"
          aria-label={t('openFolder')}
          title={t('openFolder')}
          onClick={() => pick('folder')}
        >
          <FolderIcon />
        </button>
        {count > 1 && <SortMenu by={by} />}
      </header>
      {(count >= worthSearching || words !== '') && <Search words={words} onChange={setWords} />}
      <div className="library-body">
        <ImportingList />
        {state === 'loading' && <p className="library-nothing quiet">{t('loading')}</p>}
        {state === 'failed' && <p className="library-nothing quiet">{t('failed')}</p>}
        {state === 'loaded' && count === 0 && <Nothing />}
        {count > 0 && groups.length === 0 && (
          <p className="library-nothing quiet" role="status">
            {t('noHits', { words: words.trim() })}
          </p>
        )}
        {groups.length > 0 && <LibraryList groups={groups} open={words !== ''} ask={setAsked} />}
      </div>
      {hasNotices && <Notices />}
      {asked && <Question asked={asked} close={() => setAsked(undefined)} />}
    </section>
  )
}

function SortMenu({ by }: { by: Settings['librarySort'] }) {
  const { t } = useTranslation('library')
  return (
    <Menu
      label={t('sort.label')}
      entries={() =>
        sorts.map(each => ({
          label: t(`sort.${each}`),
          checked: each === by,
          onSelect: () => void flows.settings.change({ librarySort: each })
        }))
      }
    >
      <SortIcon />
    </Menu>
  )
}

function Nothing() {
  const { t } = useTranslation('library')
  // Elsewhere the invitation stands beside it.
  if (useLayout() === 'narrow') return <Welcome layout="narrow" />
  return (
    <div className="library-nothing">
      <h3>{t('emptyTitle')}</h3>
      <p className="quiet">{t('emptyText')}</p>
    </div>
  )
}

function Search({ words, onChange }: { words: string; onChange: (words: string) => void }) {
  const { t } = useTranslation('library')
  return (
    <div className="library-search" role="search">
      <SearchIcon />
      <input
        type="search"
        value={words}
        placeholder={t('search')}
        aria-label={t('search')}
        onChange={event => onChange(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Escape' && words !== '') onChange('')
        }}
      />
      {words !== '' && (
        <button
          type="button"
          className="icon-button"
          aria-label={t('clearSearch')}
          title={t('clearSearch')}
          onClick={() => onChange('')}
        >
          <CloseIcon />
        </button>
      )}
    </div>
  )
}
