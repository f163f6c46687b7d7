/** What reading would take, in words, and the choices it leaves. */
import { type ReactNode, useEffect } from 'react'
import type { TFunction } from 'i18next'
import { useTranslation } from 'react-i18next'
import type { DocumentInfo } from '../../../contract/document'
import { flows } from '../../flows/flows'
import { documentsOf } from '../../flows/leaving-documents'
import { readAsRun } from '../../flows/model-choice'
import { isReadable, offeredBy } from '../../flows/plan-reading'
import type { Offer, Plan } from '../../store/documents'
import { openSettings } from '../settings/open-settings'
import { bytes, duration, durations, grouped, listed } from '../../ui/format'
import { WarningIcon } from '../../ui/icons'
import { pageWords, partWords } from '../../ui/pages'
import { noteSentence } from '../../words/note-sentence'
import { useDocument, useModelOf } from './use-document'

interface VerdictProps {
  readonly plan: Plan
  readonly document: DocumentInfo
}

const timeWords = ({ least, most }: Pick<Offer, 'least' | 'most'>, t: TFunction<'library'>): string =>
  least < most
    ? durations(least, most, (from, to) => t('card.range', { from, to }))
    : t('card.about', { value: duration(least) })

/** Milliseconds between two looks at the disk. */
const lookEvery = 4000
/** Seconds a word: less is not told as a number. */
const leastTold = 0.1
/** The header of the text has them all. */
const mostNotes = 3
/** Of the readings that would be given up; more are counted. */
const mostNamed = 4

export function PlanCard({ id, plan }: { id: string; plan: Plan }) {
  const { t } = useTranslation('library')
  const document = useDocument(id)
  useRoomOfNow(id)
  const { verdict, trainedLength, tokens, exact } = plan
  if (!document) return null
  const counted = grouped(tokens)
  const inTokens = t('tokens', { tokens: exact ? counted : t('card.about', { value: counted }) })
  return (
    <div className="card-plan">
      <p className="card-figures numbers" title={inTokens}>
        <PlanWords plan={plan} document={document} />
        {verdict.name === 'fits' && <span className="tag accent">{t('card.fits')}</span>}
      </p>
      <Verdict plan={plan} document={document} />
      <Better plan={plan} />
      <Streamed plan={plan} />
      <Leaving plan={plan} />
      <NotesBefore notes={document.notes} />
      {trainedLength !== undefined && tokens > trainedLength && (
        <p className="quiet" title={t('tokens', { tokens: grouped(trainedLength) })}>
          {t('card.trained', {
            length: pageWords({ characters: (document.characters * trainedLength) / tokens })
          })}
        </p>
      )}
      <div className="card-actions">
        <Choices document={document} plan={plan} />
      </div>
    </div>
  )
}

/** Others write to the disk, too: while the plan is seen it follows the room that there is. */
function useRoomOfNow(id: string): void {
  useEffect(() => {
    const look = (): void => {
      if (!document.hidden) void flows.adding.followRoom(id)
    }
    const timer = setInterval(look, lookEvery)
    addEventListener('focus', look)
    return () => {
      clearInterval(timer)
      removeEventListener('focus', look)
    }
  }, [id])
}

/** What the text does not hold is told before anything is read. */
function NotesBefore({ notes }: Pick<DocumentInfo, 'notes'>) {
  const { t } = useTranslation('library')
  const shown = notes.slice(0, mostNotes)
  return (
    <>
      {shown.map(note => (
        <p key={note.message} className="quiet card-note">
          {noteSentence(note)}
        </p>
      ))}
      {notes.length > mostNotes && (
        <p className="quiet">{t('card.moreNotes', { count: notes.length - mostNotes })}</p>
      )}
    </>
  )
}

function PlanWords({ plan, document }: VerdictProps) {
  const { t } = useTranslation('library')
  const { diskBytes, memoryBytes } = plan
  const time = timeWords(plan, t)
  const model = useModelOf(document)
  const numbers = {
    length: pageWords(document),
    time,
    disk: bytes(diskBytes),
    memory: bytes(memoryBytes)
  }
  return plan.offers && model
    ? t('card.planWith', { ...numbers, model: model.name })
    : t('card.plan', numbers)
}

/** Of models that came with the program the first answers best. */
function Better({ plan }: Pick<VerdictProps, 'plan'>) {
  const { t } = useTranslation('library')
  const [best, other] = [plan.offers?.[0], plan.offers?.at(-1)]
  if (!best || !other || !isReadable(plan)) return null
  return <p className="quiet">{t('card.better', { best: best.name, other: other.name })}</p>
}

function Verdict({ plan, document }: VerdictProps) {
  const { verdict, tokens, diskBytes, roomBytes, reserveBytes } = plan
  const { t } = useTranslation('library')
  switch (verdict.name) {
    case 'fits':
      return null
    case 'slow':
      return plan.answerSecondsPerWord === undefined ? <p>{t('card.slow')}</p> : null
    case 'evicts':
      return null
    case 'too-long': {
      const numbers = { part: partWords(document, verdict.limit, tokens) }
      return (
        <Warning>
          {t(verdict.because === 'memory' ? 'card.tooLongMemory' : 'card.tooLongSettings', numbers)}
        </Warning>
      )
    }
    case 'no-disk': {
      const numbers = { needed: bytes(diskBytes), room: bytes(roomBytes), reserve: bytes(reserveBytes) }
      return <Warning>{t(verdict.limit === 'disk' ? 'card.noDisk' : 'card.noBudget', numbers)}</Warning>
    }
  }
}

/** What answers cost where the document is larger than the graphics memory. */
function Streamed({ plan: { answerSecondsPerWord: seconds } }: { plan: Plan }) {
  const { t } = useTranslation('library')
  if (seconds === undefined) return null
  return (
    <Warning>
      {seconds < leastTold
        ? t('card.streamedLittle')
        : t('card.streamed', { time: t('card.about', { value: duration(seconds) }) })}
    </Warning>
  )
}

/** What reading would cost other documents, before it is agreed to. */
function Leaving({ plan: { leaving, leavingSeconds } }: { plan: Plan }) {
  const { t } = useTranslation('library')
  if (leaving.length === 0) return null
  const documents = documentsOf(leaving)
  const named = documents.length > mostNamed ? documents.slice(0, mostNamed - 1) : documents
  const names = named.map(({ name, replaced }) => (replaced ? t('card.earlierText', { name }) : name))
  const others = documents.length - named.length
  const tokens = grouped(leaving.reduce((sum, each) => sum + each.tokens, 0))
  return (
    <Warning>
      {t('card.evicts', {
        names: listed(others > 0 ? [...names, t('card.evictsMore', { count: others })] : names),
        cost:
          leavingSeconds === undefined
            ? t('tokens', { tokens })
            : t('card.evictsCost', { tokens, time: duration(leavingSeconds) })
      })}
    </Warning>
  )
}

const Warning = ({ children }: { children: ReactNode }) => (
  <p className="card-warning">
    <WarningIcon />
    <span>{children}</span>
  </p>
)

/** The better answers first, each with what it costs; the one that reads by default stands out. */
function Offers({ document, plan }: VerdictProps) {
  const { t } = useTranslation('library')
  const usual = useModelOf(document)?.id
  return offeredBy(plan, usual).map(({ modelId, name, ...time }) => (
    <button
      key={modelId}
      type="button"
      className={modelId === usual ? 'button small main' : 'button small'}
      onClick={() => void flows.adding.readWithModel(document.id, modelId)}
    >
      {readAsRun(document, { id: modelId, name })?.state === 'complete'
        ? t('card.useBefore', { model: name })
        : t('card.readWithFor', { model: name, time: timeWords(time, t) })}
    </button>
  ))
}

function Choices({ document, plan }: VerdictProps) {
  const { t } = useTranslation('library')
  const { verdict, tokens } = plan
  const { id } = document
  const notNow = (
    <button type="button" className="button small" onClick={() => void flows.adding.cancel(id)}>
      {t('card.notNow')}
    </button>
  )
  switch (verdict.name) {
    case 'fits':
    case 'slow':
    case 'evicts':
      return (
        <>
          {plan.offers ? (
            <Offers document={document} plan={plan} />
          ) : (
            <button type="button" className="button small main" onClick={() => void flows.adding.read(id)}>
              {t('card.readNow')}
            </button>
          )}
          {notNow}
        </>
      )
    case 'too-long':
      return (
        <>
          <button
            type="button"
            className="button small"
            disabled={verdict.limit < 1}
            onClick={() => void flows.adding.read(id, verdict.limit)}
          >
            {t('card.readFirst', { part: partWords(document, verdict.limit, tokens) })}
          </button>
          <Offers document={document} plan={plan} />
          {verdict.because === 'settings' && (
            <button type="button" className="button small" onClick={() => openSettings('reading')}>
              {t('card.changeLimit')}
            </button>
          )}
          <PlanAgain id={id} />
          {notNow}
        </>
      )
    case 'no-disk':
      return (
        <>
          <button type="button" className="button small main" onClick={() => openSettings('storage')}>
            {t('card.freeSpace')}
          </button>
          <Offers document={document} plan={plan} />
          <PlanAgain id={id} />
          {notNow}
        </>
      )
  }
}

function PlanAgain({ id }: { id: string }) {
  const { t } = useTranslation('library')
  return (
    <button type="button" className="button small" onClick={() => void flows.adding.plan(id)}>
      {t('card.planAgain')}
    </button>
  )
}
