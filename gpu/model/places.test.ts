import { expect, it } from 'vitest'
import { placesIn } from './places'

it('rows follow one another, and begin anew where they would not fit', () => {
  const placeOf = placesIn(8)
  expect([3, 5, 8, 1, 6, 2].map(placeOf)).toEqual([0, 3, 0, 0, 1, 0])
})
