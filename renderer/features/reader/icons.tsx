/** The Reader's signs; 20 by 20, drawn with the colour of the text around them. */
const paths = {
  outline: 'M3.5 5h2M8 5h8.5M3.5 10h2M8 10h8.5M3.5 15h2M8 15h8.5',
  find: 'M8.75 14a5.25 5.25 0 1 0 0-10.5 5.25 5.25 0 0 0 0 10.5Zm3.9-1.35L16.5 16.5',
  close: 'm5 5 10 10M15 5 5 15',
  up: 'm5 12.5 5-5 5 5',
  down: 'm5 7.5 5 5 5-5',
  hits: 'M3.5 5h13M3.5 8.5h13M3.5 12h8M3.5 15.5h8M14.5 12v4m-2-2 2 2 2-2',
  matchCase: 'm2.5 14.5 3.6-9h.3l3.6 9M3.7 11.5h5.1M17 14.5v-6m0 3a2.6 3 0 1 1-5.2 0 2.6 3 0 0 1 5.2 0Z',
  wholeWords:
    'M3 13v2.5h14V13M5 11.5 7 5h.2l2 6.5M5.7 9.5h2.9M11.5 5v6.5m0-2.2a1.9 2.2 0 1 0 3.8 0 1.9 2.2 0 0 0-3.8 0Z'
} as const

export function Icon({ name }: { name: keyof typeof paths }) {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
      <path
        d={paths[name]}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
