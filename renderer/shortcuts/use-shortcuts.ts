/** Keys → commands, for the whole window, as a person has set them. */
import { useEffect, useRef } from 'react'
import { tinykeys } from 'tinykeys'
import { useSettings } from '../store/settings'
import { type Command, commands, keysOf } from './commands'

/** Commands without a function here are left to whoever else listens. */
export function useShortcuts(actions: Partial<Record<Command, () => void>>): void {
  const rebound = useSettings(settings => settings.shortcuts)
  const latest = useRef(actions)
  useEffect(() => {
    latest.current = actions
  })
  useEffect(() => {
    const keys = keysOf(rebound)
    const bindings: Record<string, (event: KeyboardEvent) => void> = {}
    for (const command of commands) {
      if (keys[command] === '') continue
      bindings[keys[command]] = event => {
        const action = latest.current[command]
        if (!action || event.defaultPrevented || isTyped(keys[command], event)) return
        // A modal dialog has the keyboard to itself.
        if (document.querySelector('dialog[open]')) return
        event.preventDefault()
        action()
      }
    }
    return tinykeys(window, bindings)
  }, [rebound])
}

/** A letter without Ctrl or Alt is text where text can be typed. */
function isTyped(keys: string, event: KeyboardEvent): boolean {
  if (/\$mod|Alt|Control|Meta|F\d/.test(keys)) return false
  const [target] = event.composedPath()
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable=true]')
}
