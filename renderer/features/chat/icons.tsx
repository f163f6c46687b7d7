/** Icons that only the conversation has, drawn like those of ui/icons.tsx. */
const drawn = (path: string) =>
  function Icon() {
    return (
      <svg
        className="icon"
        viewBox="0 0 20 20"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        <path d={path} />
      </svg>
    )
  }

export const NewestIcon = drawn('M10 4v11M5.5 10.5L10 15l4.5-4.5')
export const AskIcon = drawn('M10 16V4.5M5.5 9L10 4.5 14.5 9')
