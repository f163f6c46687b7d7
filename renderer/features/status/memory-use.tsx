/** Memory of the adapter by purpose, as a table that hangs from the sum; and the last speed, for those who measure. */
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { useEngine } from '../../store/engine'
import { bytes, grouped } from '../../ui/format'

const purposes = ['weights', 'pages', 'carry', 'scratch', 'staging'] as const

export function MemoryUse() {
  const { t } = useTranslation()
  const id = useId()
  const memory = useEngine(engine => engine.memory)
  // Rounded before it is compared: nothing is drawn again for the digits behind the point.
  const speed = useEngine(({ tokensPerSecond }) => tokensPerSecond && Math.round(tokensPerSecond))
  if (!memory) return null
  const sum = purposes.reduce((total, purpose) => total + memory[purpose], 0)
  return (
    <>
      <button
        type="button"
        className="status-button numbers"
        popoverTarget={id}
        aria-label={`${t('status.memory')}: ${bytes(sum)}`}
        title={t('status.memory')}
      >
        {t('status.memoryUsed', { bytes: bytes(sum) })}
      </button>
      <div
        id={id}
        popover="auto"
        className="status-memory"
        role="dialog"
        aria-label={t('status.memoryTitle')}
      >
        <table>
          <caption>{t('status.memoryTitle')}</caption>
          <tbody>
            {purposes.map(purpose => (
              <tr key={purpose}>
                <th scope="row">{t(`status.purpose.${purpose}`)}</th>
                <td className="numbers">{bytes(memory[purpose])}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{t('status.purpose.sum')}</th>
              <td className="numbers">{bytes(sum)}</td>
            </tr>
            <tr className="quiet">
              <th scope="row">{t('status.purpose.peak')}</th>
              <td className="numbers">{bytes(memory.peak)}</td>
            </tr>
            {!!speed && (
              <tr className="quiet">
                <th scope="row">{t('status.speedTitle')}</th>
                <td className="numbers">{t('status.speed', { speed: grouped(speed) })}</td>
              </tr>
            )}
          </tfoot>
        </table>
      </div>
    </>
  )
}
