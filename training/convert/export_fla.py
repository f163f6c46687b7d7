#!/usr/bin/python3
"""A checkpoint of a converted model in the flash-linear-attention layout, with open windows in that of export_open.py, which the engine takes as it stands:
`python3 training/convert/export_fla.py RUN/state.pt TOK OUT` -> config.json, model.safetensors (F16), tokenizer.

The official layout has no K/V heads of the window layers, one base for both halves and other exponents; this one has what
Llama has. Its window layers rotate halves, its cross layers pairs (fla/layers/attn.py, fla/layers/yoco.py).
"""
import json
import os
import shutil
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

from export_open import open_config, open_tensors
from rounding import weights_of
from source import Refused, halves

LAYER = {
    "mixer_layer_norm": "attn_norm", "mixer.q_proj": "attn.q_proj", "mixer.k_proj": "attn.k_proj", "mixer.v_proj": "attn.v_proj",
    "mixer.out_proj": "attn.o_proj", "final_layer_norm": "mlp_norm", "ffn.fc1": "mlp.gate_proj", "ffn.gate": "mlp.up_proj",
    "ffn.fc2": "mlp.down_proj",
}  # fmt: skip
TOPS = {
    "embed_tokens": "model.embeddings", "layer_norm": "model.norm", "cross_decoder.kv_layer_norm": "model.shared_kv_builder.kv_norm",
    "output_projection": "lm_head", "cross_decoder.k_proj": "model.shared_kv_builder.k_proj", "cross_decoder.v_proj": "model.shared_kv_builder.v_proj",
}  # fmt: skip


def fla_config(p, longest):
    """config.json of params.json's keys. Raises Refused."""
    if p.get("rope_exponents") != "llama" or not p.get("sliding_window"):
        raise Refused('This checkpoint is of no converted model: expected a sliding_window and rope_exponents "llama". Write it with training/export.py.')
    own = p["n_self_layers"]
    return {
        "model_type": "yoco", "vocab_size": p["vocab_size"], "hidden_size": p["dim"], "intermediate_size": p["hidden_dim"],
        "hidden_act": "swish", "norm_eps": p["norm_eps"], "num_hidden_layers": p["n_layers"], "num_self_decoder_layers": own,
        "tie_word_embeddings": p.get("share_input_output_embed", True), "max_position_embeddings": longest,
        "self_decoder_attn": {
            "type": "swa", "num_heads": p["n_self_heads"], "num_v_heads": p.get("n_self_kv_heads") or p["n_self_heads"],
            "window_size": p["sliding_window"], "rope_theta": p["rope_theta"], "qkv_bias": p.get("self_qkv_bias", False),
        },
        "cross_decoder_attn": {
            "num_heads": p["n_attn_heads"], "num_kv_heads": p["n_attn_kv_heads"],
            "rope_theta": p.get("cross_rope_theta") or p["rope_theta"], "rope_inv_freq": "fla", "qk_norm": False, "qkv_bias": False,
        },
    }  # fmt: skip


def fla_tensors(state, p):
    """Tensors of training/model.py under the layout's names"""
    found = {}
    for name, value in state.items():
        stem, _, kind = name.rpartition(".")
        if stem in TOPS:
            found[f"{TOPS[stem]}.{kind}"] = value
            continue
        half, _, layer, part = stem.split(".", 3)
        if half == "self_decoder" and part in ("mixer.q_proj", "mixer.k_proj"):
            value = halves(value, p["n_self_heads"] if part == "mixer.q_proj" else p.get("n_self_kv_heads") or p["n_self_heads"])
        found[f"model.{half.removesuffix('_decoder')}_layers.{layer}.{LAYER[part]}.{kind}"] = value
    return found


def export(state, params, tokenizer, out):
    from export import LONGEST, save_tensors

    form = (open_config, open_tensors) if params.get("open_window") else (fla_config, fla_tensors)
    config = form[0](params, LONGEST)
    os.makedirs(out, exist_ok=True)
    save_tensors(form[1](state, params), f"{out}/model.safetensors")
    with open(f"{out}/config.json", "w") as file:
        json.dump(config, file, indent=1)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(f"{tokenizer}/{name}", out)


if __name__ == "__main__":
    import torch

    from folders import in_words

    if len(sys.argv) != 4 or not os.path.isfile(sys.argv[1]):
        sys.exit(f"Expected a checkpoint, the folder of its tokenizer and a folder to write, found: {' '.join(sys.argv[1:]) or 'nothing'}. For example RUN/state.pt TOK OUT")
    checkpoint, tokenizer, out = sys.argv[1:]
    kept = torch.load(checkpoint, map_location="cpu")
    with in_words():
        export(weights_of(kept), kept["params"], tokenizer, out)
