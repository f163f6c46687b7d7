import { describe, expect, it } from 'vitest'
import { countingWords } from './counting-question'

describe('questions that want every place in the text', () => {
  it.each([
    ['How many boats left in the morning?', 'boat'],
    ['how many times is Agnes mentioned?', 'Agnes'],
    ['How often does Tobias Finch ring the bell?', 'Tobias Finch'],
    ['How often is the lighthouse mentioned?', 'lighthouse'],
    ['Count the sailors', 'sailor'],
    ['List all ships that sank in the storm.', 'ship'],
    ['List all of the people on the island', 'people'],
    ['find every mention of "whale oil"', 'whale oil'],
    ['What is the number of the boats?', 'boat'],
    ['show me all places where it says ‘magic number’', 'magic number'],
    ['Wie viele Boote kamen zurück?', 'Boote'],
    ['Wieviele Fischer gibt es?', 'Fischer'],
    ['Wie oft wird Agnes Moore erwähnt?', 'Agnes Moore'],
    ['Zähle alle Schiffe', 'Schiffe'],
    ['Zähl bitte die Glocken', 'Glocken'],
    ['Nenne mir alle Namen von Schiffen', 'Schiffen'],
    ['Finde alle Stellen mit „die besondere Zahl“', 'die besondere Zahl'],
    ['Wie häufig kommt der Begriff Nebel vor?', 'Nebel'],
    ['How many?', '']
  ])('%s → %s', (question, words) => expect(countingWords(question)).toBe(words))

  it.each([
    'What is the special magic Lisbon number?',
    'Who keeps the light?',
    'What is this document about?',
    'Why did everyone leave the country after all?',
    'Is the account closed?',
    'How does it end?',
    'Worum geht es in diesem Dokument?',
    'Wie heißt der Wärter?',
    'Was erzählt der Kapitän?',
    'Was ist die besondere Zahl?'
  ])('not: %s', question => expect(countingWords(question)).toBeUndefined())
})
