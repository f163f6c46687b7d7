#!/usr/bin/python3
"""A model with open windows that ships, in 4 bits or F16, in the form that training goes on from:
`python3 training/convert/reopen.py MODEL RUN [--left-out 12,14]` -> RUN/params.json, RUN/model.safetensors (F16).

The other way round than export_open.py and `readonce weights` (docs/weights.md): codes of 4 bits become the values that they stand for. A checkpoint that
is lost is made again so, less what rounding cost it.
"""
import argparse
import json
import os
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

import torch

from export import save_model, stored
from export_open import LAYER, TOPS
from folders import expect, in_words
from shapes import build
from source import Refused

SCALE, MINIMUM = "_scale", "_minimum"


def decoded(tensors):
    """-> float32 by name, two codes of 4 bits to a byte, the first one in the lower half. Raises Refused."""
    found = {}
    for name, value in tensors.items():
        if name.endswith((SCALE, MINIMUM)):
            continue
        if value.dtype == torch.uint8:
            if name + MINIMUM not in tensors:
                raise Refused(f"{name} has codes without a minimum, expected codes of 4 bits as `readonce weights --weights int4 --compact` writes them.")
            scale, low = (tensors[name + end].float()[..., None] for end in (SCALE, MINIMUM))
            codes = torch.stack((value & 15, value >> 4), -1).view(len(value), scale.shape[1], -1)
            value = (codes * scale + low).view(len(value), -1)
        found[name] = value.float()
    return found


def paired(rows, heads):
    """Rows in halves -> in pairs: source.halves the other way round"""
    return rows.view(heads, 2, -1, *rows.shape[1:]).transpose(1, 2).reshape(rows.shape)


def params_of(config, left_out):
    """Keys of params.json. Raises Refused."""
    if config.get("model_type") != "open_window":
        raise Refused(f'model_type is {config.get("model_type")!r}, expected "open_window". Name a model that ship.sh or export_fla.py wrote of one with open windows.')
    return {
        "dim": config["hidden_size"], "n_layers": config["num_hidden_layers"], "hidden_dim": config["intermediate_size"],
        "n_attn_heads": config["num_attention_heads"], "n_attn_kv_heads": config["num_key_value_heads"], "vocab_size": config["vocab_size"],
        "rope_theta": config["rope_theta"], "share_input_output_embed": config["tie_word_embeddings"], "norm_eps": config["rms_norm_eps"],
        "open_window": True, "sliding_window": config["sliding_window"], "open_heads": config["open_heads"], "open_distance": config["open_distance"],
        **({"left_out": left_out} if left_out else {}), **({"finding_layer": config["finding_layer"]} if "finding_layer" in config else {}),
    }  # fmt: skip


def state_of(tensors, p):
    """Tensors under Llama's names -> state dict of open_window.OpenWindow"""
    scale, state = p["dim"] ** 0.5, {}
    for own, name in TOPS.items():
        if name in tensors:
            state[own] = tensors[name]
    state["embed_tokens.weight"] = state["embed_tokens.weight"] / scale
    if p["share_input_output_embed"]:
        state["layer_norm.weight"] = state["layer_norm.weight"] * scale
    for layer in range(p["n_layers"]):
        for own, name in LAYER.items():
            value = tensors[f"model.layers.{layer}.{name}"]
            if own in ("mixer.q_proj.weight", "mixer.k_proj.weight"):
                value = paired(value, p["n_attn_heads"] if own.startswith("mixer.q") else p["n_attn_kv_heads"])
            state[f"layers.{layer}.{own}"] = value
    return state


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "out"):
        p.add_argument(name)
    p.add_argument("--left-out", default="", help="layers of the source that it was made without, which --like must know")
    args = p.parse_args()
    with in_words():
        expect(args.model, "config.json", "model.safetensors", made="written by ship.sh or export_fla.py")
        with open(f"{args.model}/config.json") as file:
            params = params_of(json.load(file), [int(n) for n in args.left_out.split(",") if n])
        state = state_of(decoded(stored(f"{args.model}/model.safetensors")), params)
    model = build(params)
    model.load_state_dict(state)
    os.makedirs(args.out, exist_ok=True)
    save_model(model, args.out)


if __name__ == "__main__":
    main()
