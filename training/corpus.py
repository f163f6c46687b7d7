"""The prepared files in memory: paragraphs of plain text and questions by context."""
import json
from collections import Counter

import numpy as np

PLACE_WORDS = "in at from to near into towards around".split()
LITTLE_WORDS = (
    "the a an and or but of in on at to from by for with as is was are were be been has have had it he she they we you his "
    "her their its this that these those there which who when where what how not no all some more most also if then than so i me my our them him"
).split()


class Corpus:
    def __init__(self, folder, bpe):
        self.raw = np.fromfile(f"{folder}/text.bin", dtype=np.uint16)
        ends = np.flatnonzero(self.raw >= 65534)
        starts = np.concatenate(([0], ends[:-1] + 1))
        keep = (ends - starts > 12) & (ends - starts < 700)
        self.spans = np.stack((starts[keep], ends[keep]), 1)
        with open(f"{folder}/qa.jsonl") as file:
            self.qa = [json.loads(line) for line in file]
        self.encode = bpe.encode
        self.words, self.space = bpe.words(), bpe.encode(" ")[0]
        self.blank = bpe.encode("\n\n")
        self.unsaid = bpe.encode(" The document does not say.")
        self.small, self.going_on = bpe.lowered(), bpe.going_on()
        self.stops = {bpe.encode(mark)[0] for mark in (".", "?", "!", ";", "\n", "\n\n")}
        self.digits = [bpe.encode(digit)[0] for digit in "0123456789"]
        self.marks = {bpe.encode(mark)[0] for mark in (",", ".")}
        self.of_position = {bpe.encode(f" {word}")[0] for word in PLACE_WORDS}
        self.little = {i for word in LITTLE_WORDS for i in (bpe.encode(f" {word}")[0], bpe.encode(f" {word.capitalize()}")[0])}
        starts = (token for row in self.qa for _, answer in row["q"] for token in answer if self.is_name(token))
        self.names = [name for name, times in Counter(starts).most_common() if times > 1]

    def is_name(self, token):
        """Begins a word with a capital that is not only a little word at the start of a sentence"""
        return self.words[token] == 2 and token not in self.little

    def paragraphs(self, r):
        """Neighbouring paragraphs from a random place: a text, not a heap."""
        at = r.randrange(len(self.spans))
        while True:
            begin, end = self.spans[at]
            yield self.raw[begin:end].tolist()
            at = (at + 1) % len(self.spans)
            if r.random() < 0.03:
                at = r.randrange(len(self.spans))
