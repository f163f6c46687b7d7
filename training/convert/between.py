#!/usr/bin/python3
"""The mean of two models' weights: what was trained on, and what it was trained from (Wortsman et al. 2022, arXiv 2109.01903):

    python3 training/convert/between.py FROM TRAINED BETWEEN [--share 0.5]

All are folders with params.json and model.safetensors; --share: of TRAINED, 0 to 1. It keeps most of what was learned and nearly all of what was there before.
"""
import argparse
import os
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

import torch

from export import save_model
from folders import in_words
from reading import open_model
from source import Refused


@torch.no_grad()
def between(model, other, share):
    """`model` becomes the mean, `share` of it `other`'s. Raises Refused where they are no two of one shape."""
    if model.params != other.params:
        keys = sorted(key for key in {*model.params, *other.params} if model.params.get(key) != other.params.get(key))
        raise Refused(f"The two models differ in {', '.join(keys)}. There is a mean only of a model and what it became by training.")
    if not 0 <= share <= 1:
        raise Refused(f"--share is {share}, expected 0 to 1.")
    theirs = other.state_dict()
    model.load_state_dict({name: torch.lerp(own, theirs[name], share) for name, own in model.state_dict().items()})


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("begin", "trained", "out"):
        p.add_argument(name)
    p.add_argument("--share", type=float, default=0.5)
    args = p.parse_args()
    with in_words():
        model = open_model(args.begin)
        between(model, open_model(args.trained), args.share)
    os.makedirs(args.out, exist_ok=True)
    save_model(model, args.out)


if __name__ == "__main__":
    main()
