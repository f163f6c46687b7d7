"""A model folder on PyTorch, in float32: what the engine is compared with."""
import json

import torch

from export import load_model
from folders import MODEL, expect
from shapes import build


def open_model(folder):
    """Raises Refused."""
    expect(folder, "params.json", "model.safetensors", made=MODEL)
    with open(f"{folder}/params.json") as file:
        model = build(json.load(file))
    load_model(model, folder)
    return model


@torch.no_grad()
def logits(model, ids, at):
    """Logits [len(at), vocabulary] behind the positions `at` of the token ids, one text that runs through."""
    real = len(ids)
    # Filled up to whole blocks by tokens that see themselves only.
    ids = torch.tensor([ids + [0] * (-real % max(64, model.params.get("sliding_window") or 64))])
    segments = torch.zeros_like(ids)
    segments[0, real:] = 99
    return model(ids, segments, torch.arange(ids.shape[1])[None], torch.tensor([list(at)]))[0]
