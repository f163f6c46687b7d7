#!/usr/bin/python3
"""Logits of every position in float32, as JSON: `python3 training/logits.py MODEL tokens.json`, to be compared with
`readonce logits --model MODEL --tokens tokens.json --positions all`."""
import json
import sys

from reading import logits, open_model

folder, tokens = sys.argv[1:3]
with open(tokens) as file:
    ids = json.load(file)
json.dump(logits(open_model(folder), ids, range(len(ids))).tolist(), sys.stdout)
