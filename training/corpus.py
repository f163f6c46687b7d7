"""The prepared files in memory: paragraphs of plain text and questions by context."""
import json

import numpy as np


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

    def paragraphs(self, r):
        """Neighbouring paragraphs from a random place: a text, not a heap."""
        at = r.randrange(len(self.spans))
        while True:
            begin, end = self.spans[at]
            yield self.raw[begin:end].tolist()
            at = (at + 1) % len(self.spans)
            if r.random() < 0.03:
                at = r.randrange(len(self.spans))
