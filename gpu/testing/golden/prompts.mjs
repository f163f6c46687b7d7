/** Text written for the golden prompts: a story to cut documents of any length from, and what is asked about it. */
export const story = `The lighthouse at Carn Head was built in 1871 by a mason named Orla Venn, who had never seen the sea before she came to the coast. She chose grey granite from the quarry at Tolmen, because it does not split in frost.

The keeper who lived there longest was Amos Pell. He kept bees on the lee side of the rock, in four hives painted blue, and he sold the honey to the fishing boats. In winter he read the same three books again and again, and wrote the weather in the margins.

One night in March the lamp went out. The oil had thickened in the cold, and the clockwork that turned the lens had stopped. Amos lit every candle in the house and set them in the windows, and the schooner Marianne passed the reef with forty people on board.

The captain of the Marianne, a tall woman called Ines Dray, sent him a brass telescope in thanks. It had a leather strap and a dent near the eyepiece. Amos never used it to look at ships. He looked at the moon, and drew its mountains on the backs of old tide tables.

In the town they said that the keeper was strange. The baker's daughter, Wren, did not think so. Every Friday she rowed out with bread and salt, and he taught her the names of the stars and how to mend a clock.

When Wren was sixteen, the harbour board decided to replace the lamp with an electric one. The new light needed no oil and no candles, only a cable under the water and a man to watch the meter. The board offered Amos a room in the town with a window to the street.

He asked for one year more. In that year he built a small model of the lighthouse from driftwood, with a lens made from the bottom of a green bottle. The model turned once in nine seconds, exactly as the real lamp had done for half a century.

The cable was laid in June. On the first evening the electric light was so bright that birds came from the mainland and circled it until morning. Wren counted two hundred and six starlings. Amos said that they would learn, and in a week they had.

After that he moved to the town, but not into the room of the board. He took the loft above the bakery, where it was warm, and he repaired watches for anyone who asked. He would take no money for it. People paid in eggs, in rope, in firewood and once in a live goose.

Wren went away to study and came back as an engineer. She found that the cable was wearing thin where it crossed the reef, and she had it laid again in a trench. Under a flat stone on the rock she found the tide tables, wrapped in oilcloth, with all the mountains of the moon.

They hang today in the school at Carn Head, in a corridor with a window to the sea. Beside them stands the model from driftwood. Somebody has put a small lamp inside it, and on winter afternoons, when it grows dark before the lessons end, it turns once in nine seconds.

Nobody knows what became of the brass telescope. Some say that it lies at the bottom of the harbour, others that it went with Amos. Wren, who was asked about it in her old age, only smiled and said that the moon is easier to see than people think.`

/** Documents as the number of characters of the story, with a sentence put in after `at` of them where given. */
export const prompts = [
  { name: 'no document', question: 'Who built the lighthouse?' },
  { name: 'one sentence', characters: 97, question: 'Who built it?' },
  { name: 'first paragraph', characters: 232, question: 'When was the lighthouse built?' },
  { name: 'within the window', characters: 490, question: 'What colour were the hives?' },
  { name: 'beyond the window', characters: 1010, question: 'What was the name of the captain?' },
  {
    name: 'magic number',
    characters: 1400,
    at: 493,
    sentence: 'The special magic Lisbon number is 40718. ',
    question: 'What is the special magic Lisbon number?'
  },
  { name: 'half the story', characters: 1950, question: 'What did Wren count?' },
  { name: 'the whole story', characters: Infinity, question: 'Where do the tide tables hang today?' }
]
