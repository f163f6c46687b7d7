"""A source that is trained before it is converted: as a Transformer of training/transformer.py, and from its checkpoint back.

What a model is to do is learned ten times as fast by the whole source as by what a conversion left of it (README.md), so the source learns
it first. Vocabulary and control tokens are those of the smaller tokenizer from then on.
"""
import json
import os

from source import Refused, Shape, Source, check_tensors
from yoco_form import LOWER, ends_of


def params_of_source(source):
    """Keys of params.json. Raises Refused."""
    s = source.shape
    if any(f"layers.0.{name}" in source.tensors for name in ("q_norm", "q_bias")) or s.head * s.heads != s.dim:
        raise Refused(f"A {source.family} model has biases, norms or heads that training/transformer.py has not, expected a llama model. Convert it without training it first.")
    return {
        "transformer": True, "dim": s.dim, "n_layers": s.layers, "hidden_dim": s.hidden, "n_attn_heads": s.heads, "n_attn_kv_heads": s.kv_heads,
        "vocab_size": len(source.tensors["embed"]), "rope_theta": s.theta, "rope_exponents": "llama",
        "share_input_output_embed": "head" not in source.tensors, "norm_eps": s.eps,
    }  # fmt: skip


def state_of_source(source):
    """-> state dict of Transformer"""
    state = ends_of(source.tensors, source.shape.dim)
    for layer in range(source.shape.layers):
        for name, official in LOWER.items():
            state[f"layers.{layer}.{official}.weight"] = source.tensors[f"layers.{layer}.{name}"]
    return {name: value.clone() for name, value in state.items()}


def is_own(path):
    """Whether a folder is one that train.py has written for a Transformer of this layout"""
    if not os.path.exists(f"{path}/params.json") or not os.path.exists(f"{path}/model.safetensors"):
        return False
    with open(f"{path}/params.json") as file:
        return bool(json.load(file).get("transformer"))


def read_own(path):
    """RUN/params.json and RUN/model.safetensors -> Source without entries: its vocabulary is the smaller tokenizer's already. Raises Refused."""
    from reading import open_model

    model = open_model(path)
    p = model.params
    if p.get("rope_exponents") != "llama":
        raise Refused(f"{path} is a Transformer that was trained from nothing, expected a source written by training/convert --as-it-is. Name that one's RUN.")
    state, scale = model.state_dict(), p["dim"] ** 0.5
    tied = p["share_input_output_embed"]
    tensors = {"embed": state["embed_tokens.weight"] * scale, "norm": state["layer_norm.weight"] / (scale if tied else 1)}
    if not tied:
        tensors["head"] = state["output_projection.weight"]
    for layer in range(p["n_layers"]):
        for name, official in LOWER.items():
            tensors[f"layers.{layer}.{name}"] = state[f"layers.{layer}.{official}.weight"]
    head = p["dim"] // p["n_attn_heads"]
    shape = Shape(p["n_layers"], p["dim"], p["n_attn_heads"], p["n_attn_kv_heads"], head, p["hidden_dim"], p["vocab_size"], p["rope_theta"], p["norm_eps"])
    tensors = {name: t.detach().clone() for name, t in tensors.items()}
    check_tensors(tensors, shape)
    return Source("llama", shape, tensors)
