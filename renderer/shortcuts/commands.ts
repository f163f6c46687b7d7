/** Everything that a key can do, and the keys it has until a person gives it others. `$mod`: Cmd on a Mac, Ctrl elsewhere. */
export const defaultKeys = {
  open: '$mod+o',
  openFolder: '$mod+Shift+O',
  search: '$mod+Shift+F',
  find: '$mod+f',
  ask: '$mod+l',
  newChat: '$mod+Shift+N',
  previousDocument: 'Alt+ArrowUp',
  nextDocument: 'Alt+ArrowDown',
  pauseReading: '$mod+Shift+P',
  foldLibrary: '$mod+1',
  foldReader: '$mod+2',
  foldChat: '$mod+3',
  settings: '$mod+,',
  models: '$mod+Shift+M',
  diagnostics: '$mod+Shift+D',
  shortcuts: 'Shift+?'
} as const

export type Command = keyof typeof defaultKeys

export const commands = Object.keys(defaultKeys) as Command[]

/** The keys of each command; empty: none. */
export function keysOf(rebound: Readonly<Record<string, string>>): Record<Command, string> {
  return Object.fromEntries(
    commands.map(command => [command, rebound[command] ?? defaultKeys[command]])
  ) as Record<Command, string>
}

/** Which other command has these keys already. */
export const holderOf = (
  keys: string,
  command: Command,
  all: Readonly<Record<Command, string>>
): Command | undefined =>
  keys === ''
    ? undefined
    : commands.find(each => each !== command && all[each].toLowerCase() === keys.toLowerCase())

const isMac = (): boolean => /mac/i.test(navigator.platform)

const modifiers = ['Control', 'Shift', 'Alt', 'Meta', 'AltGraph']

/** The keys of an event as tinykeys writes them; nothing while only modifiers are held. */
export function keysOfEvent(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
  mac = isMac()
): string | undefined {
  if (modifiers.includes(event.key)) return undefined
  const main = mac ? event.metaKey : event.ctrlKey
  const other = mac ? event.ctrlKey && 'Control' : event.metaKey && 'Meta'
  const key = event.key === ' ' ? 'Space' : event.key
  return [main && '$mod', other, event.altKey && 'Alt', event.shiftKey && 'Shift', key]
    .filter(Boolean)
    .join('+')
}

const signs: Record<string, string> = {
  ArrowUp: '↑',
  ArrowDown: '↓',
  ArrowLeft: '←',
  ArrowRight: '→'
}

/** As a person reads them on a keyboard, one entry a key: ["Ctrl", "O"]. */
export function shownKeys(keys: string, mac = isMac()): string[] {
  if (keys === '') return []
  const names = mac
    ? { $mod: '⌘', Meta: '⌘', Alt: '⌥', Shift: '⇧', Control: '⌃' }
    : { $mod: 'Ctrl', Meta: 'Meta', Alt: 'Alt', Shift: 'Shift', Control: 'Ctrl' }
  const [key, ...held] = keys.split(/\+(?!$)/).reverse()
  // "?" is typed with Shift on most keyboards and says so itself.
  const shown = held.reverse().filter(each => !(each === 'Shift' && /^[?!:"]$/.test(key)))
  return [
    ...shown.map(each => names[each as keyof typeof names] ?? each),
    signs[key] ?? (key.length === 1 ? key.toUpperCase() : key)
  ]
}
