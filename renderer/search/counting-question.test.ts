import { describe, expect, it } from 'vitest'
import { countingWords, mentionedWords } from './counting-question'

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

describe('questions whose answer is a search of the text', () => {
  it.each([
    ['How many times is Heathcliff mentioned?', 'Heathcliff'],
    ['How many times does Heathcliff occur?', 'Heathcliff'],
    ['how often is Agnes Moore mentioned in this book?', 'Agnes Moore'],
    ['How often does “Skerry Light” occur?', 'Skerry Light'],
    ['How often does the word whale appear?', 'whale'],
    ['How many mentions of "oil" are there?', 'oil'],
    ['Count the occurrences of Heathcliff', 'Heathcliff'],
    ['What is the number of places where Finch is mentioned?', 'Finch'],
    ['Wie oft kommt Heathcliff vor?', 'Heathcliff'],
    ['Wie oft kommt „Tobias Finch“ vor?', 'Tobias Finch'],
    ['Wie oft wird Agnes Moore erwähnt?', 'Agnes Moore'],
    ['Wie häufig wird der Leuchtturm genannt?', 'Leuchtturm'],
    ['Wie viele Erwähnungen von Heathcliff gibt es?', 'Heathcliff'],
    ['Wie viele Male steht Heathcliff im Text?', 'Heathcliff'],
    ['Zähle die Erwähnungen von Finch', 'Finch']
  ])('%s → %s', (question, words) => expect(mentionedWords(question)).toBe(words))

  // The text tells these numbers, or does not: counting words would answer another question.
  it.each([
    'How many sailors did the boats bring back?',
    'How many guineas did Harriet Gar lose at cards?',
    'How often did he ring the bell?',
    'How many?',
    'How often is it mentioned?',
    'How many places did he visit?',
    'How many sailors died in times of war?',
    'How often was the boat used?',
    'Wie viele Boote kamen zurück?',
    'Wie oft läutete Tobias Finch die Glocke?',
    'What is the special magic Lisbon number?'
  ])('not: %s', question => expect(mentionedWords(question)).toBeUndefined())
})
