/** Other ways to reach the GPU, or none at all, where the program can start itself again: nothing in a browser. */
import { sentenceOf } from '../../../contract/failure'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Graphics } from '../../../contract/host'
import { flows } from '../../flows/flows'
import { useEngine } from '../../store/engine'
import './status.css'

export function OtherGraphics() {
  const { t } = useTranslation()
  const others = useEngine(({ about }) => about?.graphics?.others)
  const [failed, setFailed] = useState<string>()
  if (!others || others.length === 0) return null
  const restart = (graphics: Graphics): void => {
    flows
      .host()
      .restartProgram(graphics)
      .catch((error: unknown) => setFailed(sentenceOf(error)))
  }
  return (
    <>
      {others.map(each => (
        <button key={each} type="button" className="button" onClick={() => restart(each)}>
          {t(`graphics.${each}`)}
        </button>
      ))}
      {failed && (
        <p className="notice bad" role="alert">
          {failed}
        </p>
      )}
    </>
  )
}
