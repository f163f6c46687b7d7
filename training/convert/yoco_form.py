"""A fitted Student as params.json and tensors of training/model.py (official names, rows of q and k in pairs)."""
from source import Refused

LOWER = {
    "attn_norm": "mixer_layer_norm", "q": "mixer.q_proj", "k": "mixer.k_proj", "v": "mixer.v_proj", "o": "mixer.out_proj",
    "ffn_norm": "final_layer_norm", "gate": "ffn.fc1", "up": "ffn.gate", "down": "ffn.fc2",
}


def refuse_other(source):
    """What the engine does not run cannot be converted for it. Raises Refused."""
    s = source.shape
    if "layers.0.q_norm" in source.tensors:
        raise Refused(
            f"A {source.family} model normalises queries and keys head by head (q_norm, k_norm), which the engine's window layers do "
            "not run. Choose a llama or qwen2 model."
        )
    if s.head * s.heads != s.dim:
        raise Refused(f"{s.heads} heads of {s.head} are {s.head * s.heads} numbers, expected dim ({s.dim}): the engine's heads are dim / heads wide.")
    if s.head % 2 or s.heads % s.kv_heads:
        raise Refused(f"{s.heads} heads of {s.head} over {s.kv_heads} K/V heads, expected an even size and a divisor.")


def params_of(student):
    s = student.shape
    return {
        "dim": s.dim, "n_layers": len(student.origin), "n_self_layers": student.split, "hidden_dim": s.hidden,
        "n_self_heads": s.heads, "n_self_kv_heads": s.kv_heads, "n_attn_heads": s.heads, "n_attn_kv_heads": student.kv,
        "vocab_size": len(student.tensors["embed"]), "sliding_window": student.window, "rope_theta": s.theta,
        "cross_rope_theta": student.base, "rope_exponents": "llama", "share_input_output_embed": "head" not in student.tensors, "self_qkv_bias": student.biased, "norm_eps": s.eps,
    }  # fmt: skip


def ends_of(t, dim):
    """-> embedding, last norm and head by official names. The model multiplies the embedding by sqrt(dim), below only: the norm before a
    tied head is as much larger."""
    tied = "head" not in t
    ends = {"embed_tokens.weight": t["embed"] / dim**0.5, "layer_norm.weight": t["norm"] * (dim**0.5 if tied else 1)}
    return ends if tied else {**ends, "output_projection.weight": t["head"]}


def state_of(student):
    """-> state dict of Yoco"""
    t = student.tensors
    state = ends_of(t, student.shape.dim)
    for layer in range(len(student.origin)):
        half, at = ("self", layer) if layer < student.split else ("cross", layer - student.split)
        for name, official in LOWER.items():
            if f"layers.{layer}.{name}" in t:
                state[f"{half}_decoder.layers.{at}.{official}.weight"] = t[f"layers.{layer}.{name}"]
            if half == "self" and f"layers.{layer}.{name}_bias" in t:
                state[f"{half}_decoder.layers.{at}.{official}.bias"] = t[f"layers.{layer}.{name}_bias"]
    state["cross_decoder.kv_layer_norm.weight"] = t["kv_norm"]
    for name in "kv":
        state[f"cross_decoder.{name}_proj.weight"] = t[name]
    return {name: value.clone() for name, value in state.items()}
