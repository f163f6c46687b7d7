#!/usr/bin/python3
"""A model of another split that begins with a trained one's weights: `python3 training/resplit.py MODEL SELF OUT`.

The reading layers from SELF on become the first layers of the cross-decoder: their norms and feed-forward stay, their
attention starts at zero (`out_proj`), since it looked at a window and shall look at the global cache. What is lost is
what those layers wrote into the cache; training on (`train.py --from OUT`) brings it back sooner than from nothing.
"""
import argparse
import os

import torch

from convert.distil import Refused
from export import save_model
from folders import in_words
from reading import open_model
from shapes import build


def resplit(model, own):
    """`model` with `own` reading layers, fewer than it has; the layers in all stay as many. Raises Refused."""
    params = model.params
    had = len(model.self_decoder.layers)
    if not 0 < own < had:
        raise Refused(f"{own} reading layers of {had}, expected from 1 to {had - 1}: only fewer than the model has can be kept.")
    moved = had - own
    tensors = {}
    for name, value in model.state_dict().items():
        decoder, *_, rest = name.split(".", 3) if ".layers." in name else ("", name)
        if decoder == "self_decoder" and int(name.split(".")[2]) >= own:
            if "_proj" in rest and not rest.startswith(("mixer.q_proj", "mixer.out_proj")):
                continue
            name = f"cross_decoder.layers.{int(name.split('.')[2]) - own}.{rest}"
            value = torch.zeros_like(value) if rest == "mixer.out_proj.weight" else value
        elif decoder == "cross_decoder":
            name = f"cross_decoder.layers.{int(name.split('.')[2]) + moved}.{rest}"
        tensors[name] = value
    other = build({**params, "n_self_layers": own})
    other.load_state_dict(tensors)
    return other


if __name__ == "__main__":
    p = argparse.ArgumentParser()
    p.add_argument("model")
    p.add_argument("self", type=int)
    p.add_argument("out")
    args = p.parse_args()
    with in_words():
        made = resplit(open_model(args.model), args.self)
        os.makedirs(args.out, exist_ok=True)
        save_model(made, args.out)
