#!/usr/bin/python3
"""Bits that a byte of held-out text costs, of the source with its own tokenizer and of models made of it with theirs:

    python3 training/convert/bits.py SOURCE OUT TOK MODEL... [--windows 12]

OUT: what training/prepare.mjs wrote with TOK; MODEL: a folder with params.json and model.safetensors. Each window is the first 1,024 tokens
of a held-out document; its first token is given to both. Needs `tokenizers` besides PyTorch.
"""
import argparse
import json
import math
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import torch
import torch.nn.functional as F

from folders import PREPARED, TOKENIZER, expect, in_words
from llama import Llama
from measure import held_text
from prune_tokens import tokenizer
from reading import logits, open_model
from source import Refused, read_source
from tokens import LETTERS, Bpe

LENGTH = 1024
# What stands before a document where the source was trained.
BORDER = "<|endoftext|>"


def bytes_of(ids, entries):
    """The text of ids as bytes; `entries`: by id"""
    byte = {letter: value for value, letter in LETTERS.items()}
    return bytes(byte[letter] for i in ids for letter in entries[i])


def model_bits(model, ids, entries):
    """-> bits of all tokens of the document behind the first, their bytes. `ids` begin with <|bos|><|doc|>."""
    said = logits(model, ids, range(2, len(ids) - 1))
    lost = F.cross_entropy(said.float(), torch.tensor(ids[3:]), reduction="sum").item()
    return lost / math.log(2), len(bytes_of(ids[3:], entries))


@torch.no_grad()
def source_bits(source, cut, text):
    """-> bits of all tokens of the source behind the first, their bytes"""
    border = [i for i, entry in enumerate(source.entries) if entry == BORDER]
    ids, first = [*border, *cut.encode(text, add_special_tokens=False).ids], len(border) + 1
    said = Llama(source).logits(torch.tensor([ids]))[0]
    lost = F.cross_entropy(said[first - 1 : -1].float(), torch.tensor(ids[first:]), reduction="sum").item()
    return lost / math.log(2), len(bytes_of(ids[first:], source.entries))


def main():
    p = argparse.ArgumentParser()
    for name in ("source", "data", "tokenizer"):
        p.add_argument(name)
    p.add_argument("models", nargs="+")
    p.add_argument("--windows", type=int, default=12)
    args = p.parse_args()
    with in_words():
        expect(args.tokenizer, "tokenizer.json", made=TOKENIZER)
        expect(args.data, "held-text.bin", made=PREPARED)
        windows = held_text(args.data, LENGTH)[: args.windows]
        if not windows:
            raise Refused(f"{args.data}/held-text.bin has no document of {LENGTH} tokens.")
        source, models = read_source(args.source), [(name, open_model(name)) for name in args.models]
    from tokenizers import Tokenizer

    cut = Tokenizer.from_str(json.dumps({**tokenizer(source.entries, source.merges), "added_tokens": []}))
    entries = {i: entry for entry, i in Bpe(f"{args.tokenizer}/tokenizer.json").ids.items()}
    texts = [bytes_of(ids[2:], entries).decode(errors="replace") for ids in windows]
    found = [(args.source, [source_bits(source, cut, text) for text in texts])]
    found += [(name, [model_bits(model, ids, entries) for ids in windows]) for name, model in models]
    first = None
    for name, pairs in found:
        bits = sum(b for b, _ in pairs) / sum(n for _, n in pairs)
        first = first or bits
        print(f"{name}: {bits:.3f} bits per byte, {bits / first:.3f} times the source's ({len(pairs)} documents)", flush=True)


if __name__ == "__main__":
    main()
