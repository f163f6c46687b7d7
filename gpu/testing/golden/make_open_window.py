#!/usr/bin/python3
"""Golden numbers of a model with open windows from PyTorch (training/open_window.py), for gpu/open-window/golden.test.ts.

    python3 gpu/testing/golden/make_open_window.py gpu/testing/golden/open-window.json

A small random model as the export writes it, a text of which a part is told, and the logits of all its tokens in float64.
Needs what training/ needs.
"""
import base64
import json
import os
import struct
import sys
import tempfile

TRAINING = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../training")
sys.path[:0] = [TRAINING, os.path.join(TRAINING, "convert")]

import torch

from export import save_tensors
from export_open import open_config, open_tensors
from shapes import build
from tokens import CONTROL

PARAMS = {
    "open_window": True, "dim": 16, "n_layers": 3, "hidden_dim": 40, "vocab_size": 271, "n_attn_heads": 4, "n_attn_kv_heads": 2,
    "norm_eps": 1e-5, "rope_theta": 10000.0, "sliding_window": 12, "open_heads": [[0, 1], [2, 0], [2, 1]], "open_distance": 7,
    "share_input_output_embed": True,
}  # fmt: skip
TOKENS, TOLD = 60, 41


def random_model():
    """Scales at which every part matters to the logits; values that F16 holds, and the embedding four times as large, too"""
    r = torch.Generator().manual_seed(31)
    model = build(PARAMS)
    for name, w in model.named_parameters():
        drawn = torch.randn(w.shape, generator=r)
        if w.dim() == 2:
            w.data = drawn * (0.6 if name.startswith("embed") else 1.3) / w.shape[1] ** 0.5
        elif name.endswith("sink_values"):
            w.data = drawn
        else:
            w.data = 1 + 0.3 * drawn
        w.data = w.data.half().float()
    return model, r


def main(out):
    model, r = random_model()
    ids = torch.randint(20, 264, (TOKENS,), generator=r)
    ids[TOLD] = CONTROL["enddoc"]
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/model.safetensors"
        save_tensors(open_tensors(model.state_dict(), PARAMS), path)
        with open(path, "rb") as file:
            weights = file.read()
    at = torch.arange(TOKENS)[None]
    with torch.no_grad():
        logits = model.double()(ids[None], torch.zeros_like(at), at, at)[0]
    packed = struct.pack(f"<{logits.numel()}f", *logits.flatten().tolist())
    made = {
        "torch": torch.__version__, "config": open_config(PARAMS, 4096), "weights": base64.b64encode(weights).decode(), "tokens": ids.tolist(),
        "told": TOLD, "logits": base64.b64encode(packed).decode(),
    }  # fmt: skip
    with open(out, "w") as file:
        json.dump(made, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
