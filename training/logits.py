#!/usr/bin/python3
"""Logits of every position in float32, as JSON: `python3 training/logits.py MODEL tokens.json`, to be compared with
`readonce logits --model MODEL --tokens tokens.json --positions all`."""
import json
import sys

import torch

from export import load_model
from shapes import build

folder, tokens = sys.argv[1:3]
with open(f"{folder}/params.json") as file:
    params = json.load(file)
with open(tokens) as file:
    ids = json.load(file)
model = build(params)
load_model(model, folder)
real = len(ids)
ids = torch.tensor([ids + [0] * (-real % max(64, params.get("sliding_window") or 64))])
segments = torch.zeros_like(ids)
segments[0, real:] = 99
with torch.no_grad():
    logits = model(ids, segments, torch.arange(ids.shape[1])[None], torch.arange(real)[None])
json.dump(logits[0].tolist(), sys.stdout)
