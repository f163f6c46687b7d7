/** Notes about a text: written where they are made, and the same here. */
export { noteWords as notes } from '../../../contract/note-words'
