/** A name in one line: what does not fit is cut in the middle, so that both ends are seen. Read out whole. */
import './cut-name.css'

/** A year, a version and the kind of file stand at the end of a name. */
const endLetters = 14

export function CutName({ name }: { name: string }) {
  const letters = [...name]
  if (letters.length <= endLetters * 1.5) return <>{name}</>
  return (
    <>
      <span className="visually-hidden">{name}</span>
      <span className="cut-name" dir="auto" aria-hidden="true">
        <span>{letters.slice(0, -endLetters).join('')}</span>
        <span>{letters.slice(-endLetters).join('')}</span>
      </span>
    </>
  )
}
