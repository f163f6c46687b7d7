"""Byte-level BPE of a tokenizer.json, for the few sentences made while training; documents are cut by prepare.mjs."""
import json
import re
from functools import lru_cache

# \p{L} and \p{N} of the file's pattern, as far as the made sentences go: plain English.
PIECES = re.compile(r"'(?:[sdmt]|ll|ve|re)| ?[^\W\d_]+|\d| ?(?:[^\s\w]|_)+|\s+(?!\S)|\s+")
CONTROL = {"pad": 0, "bos": 1, "eos": 2, "user": 3, "assistant": 4, "end": 5, "doc": 6, "enddoc": 7}

# GPT-2's printable stand-ins for bytes.
SHOWN = [*range(33, 127), *range(161, 173), *range(174, 256)]
LETTERS = {b: chr(b) for b in SHOWN} | {b: chr(256 + i) for i, b in enumerate(b for b in range(256) if b not in SHOWN)}


class Bpe:
    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            model = json.load(file)["model"]
        self.ids = model["vocab"]
        pairs = (m.split(" ") if isinstance(m, str) else m for m in model["merges"])
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(pairs)}

    @lru_cache(maxsize=200_000)
    def piece(self, text):
        parts = [LETTERS[b] for b in text.encode()]
        while len(parts) > 1:
            rank, at = min((self.ranks.get((a, b), 1 << 30), i) for i, (a, b) in enumerate(zip(parts, parts[1:])))
            if rank == 1 << 30:
                break
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        return tuple(self.ids[part] for part in parts)

    def encode(self, text):
        return [i for piece in PIECES.findall(text) for i in self.piece(piece)]

    def words(self):
        """By id: 1 where a token begins a word, 2 where it begins with a capital, 3 for a digit, else 0."""
        kinds = [0] * (max(self.ids.values()) + 1)
        for entry, i in self.ids.items():
            if entry[0] == LETTERS[32] and entry[1:2].isalpha():
                kinds[i] = 2 if entry[1].isupper() else 1
            elif entry.isdigit() and entry.isascii():
                kinds[i] = 3
        return kinds

    def lowered(self):
        """By id of a word's first piece with a capital: the same in small letters, behind a space"""
        small = {}
        for entry, i in self.ids.items():
            word = entry.lstrip(LETTERS[32])
            if word[:1].isupper() and LETTERS[32] + word.lower() in self.ids:
                small[i] = self.ids[LETTERS[32] + word.lower()]
        return small

    def going_on(self):
        """Ids of pieces that go on with a word"""
        return {i for entry, i in self.ids.items() if entry.isalpha() and entry[0] != LETTERS[32]}
