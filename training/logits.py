#!/usr/bin/python3
"""Logits of every position in float32, as JSON: `python3 training/logits.py MODEL tokens.json`, to be compared with
`readonce logits --model MODEL --tokens tokens.json --positions all`."""
import argparse
import json
import sys

from folders import in_words
from reading import logits, open_model

p = argparse.ArgumentParser()
p.add_argument("model")
p.add_argument("tokens", type=argparse.FileType(encoding="utf-8"))
args = p.parse_args()
with in_words():
    ids = json.load(args.tokens)
    json.dump(logits(open_model(args.model), ids, range(len(ids))).tolist(), sys.stdout)
