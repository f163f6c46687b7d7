#!/usr/bin/python3
"""What two runs are compared by: `python3 training/measure.py DATA TOK RUN...` reads each RUN's checkpoint and prints
the perplexity of held-out text (40 windows of 1,024 tokens) and the share of right answer tokens on 48 fresh samples."""
import argparse
import math
import random

import numpy as np
import torch
import torch.nn.functional as F

from convert.rounding import weights_of
from corpus import Corpus
from folders import PREPARED, RUN, TOKENIZER, expect, in_words
from precision import fast
from samples import batch
from shapes import build
from tokens import Bpe


def held_text(folder, length):
    """The first `length` tokens of every held-out prompt that is long enough."""
    raw = np.fromfile(f"{folder}/held-text.bin", dtype=np.uint16)
    prompts = np.split(raw, np.flatnonzero(raw == 65534))
    return [part[-(len(part) - (part[0] == 65534)) :][:length].tolist() for part in prompts if len(part) > length]


@torch.no_grad()
def perplexity(model, windows):
    total, count = 0.0, 0
    for tokens in windows:
        ids = torch.tensor([tokens])
        length = ids.shape[1]
        at = torch.arange(2, length - 1)[None]
        with fast("cpu"):
            logits = model(ids, torch.zeros_like(ids), torch.arange(length)[None], at)
        total += F.cross_entropy(logits[0].float(), ids[0, 3:], reduction="sum").item()
        count += length - 3
    return math.exp(total / count)


@torch.no_grad()
def right(model, corpus, length, samples):
    hits = count = 0
    for index in range(samples):
        ids, segments, positions, at, wanted, weight, _ = (torch.from_numpy(t) for t in batch(corpus, random.Random(-1 - index), length, 1, 0))
        with fast("cpu"):
            logits = model(ids, segments, positions, at)
        hits += (logits.argmax(-1) == wanted)[weight == 1].sum().item()
        count += (weight == 1).sum().item()
    return hits / count


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("data")
    p.add_argument("tokenizer")
    p.add_argument("runs", nargs="+")
    args = p.parse_args()
    with in_words():
        expect(args.tokenizer, "tokenizer.json", made=TOKENIZER)
        expect(args.data, "text.bin", "qa.jsonl", "held-text.bin", made=PREPARED)
        for run in args.runs:
            expect(run, "state.pt", made=RUN)
    corpus = Corpus(args.data, Bpe(f"{args.tokenizer}/tokenizer.json"))
    windows = held_text(args.data, 1024)[:40]
    for run in args.runs:
        kept = torch.load(f"{run}/state.pt", map_location="cpu")
        model = build(kept["params"])
        model.load_state_dict(weights_of(kept))
        shares = ", ".join(f"{length}: {right(model, corpus, length, 16):.3f}" for length in (512, 1024, 2048))
        print(f"{run}: {kept['step']} steps, {kept['spent'] / 60:.1f} min, perplexity {perplexity(model, windows):.1f}, right {shares}", flush=True)
