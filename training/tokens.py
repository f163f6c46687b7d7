"""Byte-level BPE of a tokenizer.json, for the few sentences made while training; documents are cut by prepare.mjs."""
import json
import re
from functools import lru_cache

# \p{L} and \p{N} of the file's pattern, as far as the made sentences go: plain English.
PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+|\d| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
CONTROL = {"pad": 0, "bos": 1, "user": 3, "assistant": 4, "end": 5, "doc": 6, "enddoc": 7}


class Bpe:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            model = json.load(file)["model"]
        self.ids = model["vocab"]
        pairs = (m.split(" ") if isinstance(m, str) else m for m in model["merges"])
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(pairs)}
        shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
        hidden = [b for b in range(256) if b not in shown]
        self.letters = {b: chr(b) for b in shown} | {b: chr(256 + i) for i, b in enumerate(hidden)}

    @lru_cache(maxsize=200_000)
    def piece(self, text):
        parts = [self.letters[b] for b in text.encode()]
        while len(parts) > 1:
            rank, at = min((self.ranks.get((a, b), 1 << 30), i) for i, (a, b) in enumerate(zip(parts, parts[1:])))
            if rank == 1 << 30:
                break
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        return tuple(self.ids[part] for part in parts)

    def encode(self, text):
        return [i for piece in PIECES.findall(text) for i in self.piece(piece)]
