"""A Llama-like model from a folder of the transformers library: config.json, *.safetensors, tokenizer.json.

Known families, each with what sets it apart from Llama, checked by the names of its tensors and keys:
  llama (SmolLM, SmolLM2, TinyLlama, Llama 2): as it is.
  qwen2 (Qwen1.5, Qwen2, Qwen2.5): q, k and v have a bias.
  qwen3: queries and keys are normalised head by head, and a head need not be dim / heads wide.
What the engine does not run is refused by name, before any work: a scaled rotation, experts, layers without rotation.
"""
import glob
import json
import os

from source import Refused, Shape, Source, check_tensors, interleaved

FAMILIES = {"llama": (), "qwen2": ("q_bias", "k_bias", "v_bias"), "qwen3": ("q_norm", "k_norm")}
NAMES = {
    "input_layernorm.weight": "attn_norm", "self_attn.q_proj.weight": "q", "self_attn.k_proj.weight": "k",
    "self_attn.v_proj.weight": "v", "self_attn.o_proj.weight": "o", "post_attention_layernorm.weight": "ffn_norm",
    "mlp.gate_proj.weight": "gate", "mlp.up_proj.weight": "up", "mlp.down_proj.weight": "down",
    "self_attn.q_proj.bias": "q_bias", "self_attn.k_proj.bias": "k_bias", "self_attn.v_proj.bias": "v_bias",
    "self_attn.q_norm.weight": "q_norm", "self_attn.k_norm.weight": "k_norm",
}  # fmt: skip
TOPS = {"model.embed_tokens.weight": "embed", "model.norm.weight": "norm", "lm_head.weight": "head"}


def read_folder(folder):
    """-> Source. Raises Refused."""
    config = read_json(folder, "config.json")
    family = config.get("model_type")
    if family not in FAMILIES:
        raise Refused(f'{folder} holds a model of the family "{family}", expected one of {", ".join(FAMILIES)}.')
    for key, plain in (("attention_bias", family == "qwen2"), ("mlp_bias", False), ("use_sliding_window", False)):
        if config.get(key, plain) not in (plain, None):
            raise Refused(f"{folder}/config.json has {key} {config[key]}, expected {plain} of {family}.")
    theta = rotation_base(folder, config)
    if config.get("hidden_act", "silu") not in ("silu", "swish"):
        raise Refused(f'{folder}/config.json has hidden_act "{config["hidden_act"]}", expected "silu".')
    missing = [key for key in ("hidden_size", "num_attention_heads", "num_hidden_layers", "intermediate_size", "vocab_size") if not isinstance(config.get(key), int)]
    if missing:
        raise Refused(f"{folder}/config.json has no number {', '.join(missing)}, which every {family} model has. Copy or download it again.")
    dim, heads = config["hidden_size"], config["num_attention_heads"]
    shape = Shape(
        layers=config["num_hidden_layers"], dim=dim, heads=heads, kv_heads=config.get("num_key_value_heads") or heads,
        head=config.get("head_dim") or dim // heads, hidden=config["intermediate_size"], vocab=config["vocab_size"], theta=theta,
        eps=config.get("rms_norm_eps", 1e-6), trained_length=config.get("max_position_embeddings", 2048),
    )  # fmt: skip
    tensors = in_pairs(read_tensors(folder), shape)
    if config.get("tie_word_embeddings", False):
        tensors.pop("head", None)
    check_tensors(tensors, shape, FAMILIES[family])
    model = read_json(folder, "tokenizer.json")
    # Padding rows behind the last entry have no text.
    entries = {i: entry for entry, i in model["model"]["vocab"].items()}
    control = {t["content"]: t["id"] for t in model.get("added_tokens", [])}
    entries.update({i: entry for entry, i in control.items()})
    entries = [entries.get(i, f"<|unused-{i}|>") for i in range(shape.vocab)]
    merges = [m if isinstance(m, str) else " ".join(m) for m in model["model"]["merges"]]
    return Source(family, shape, tensors, entries, merges, control)


def read_json(folder, name):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        raise Refused(f"{folder} has no {name}. Expected a folder with config.json, *.safetensors and tokenizer.json.")
    try:
        with open(path, encoding="utf-8") as file:
            return json.load(file)
    except ValueError as failure:
        raise Refused(f"{path} is not JSON ({failure}). Copy or download it again.") from None


def rotation_base(folder, config):
    # Newer files keep both in rope_parameters.
    newer = config.get("rope_parameters") or {}
    scaling = config.get("rope_scaling") or newer
    kind = scaling.get("rope_type") or scaling.get("type") or "default"
    if kind != "default":
        raise Refused(f'{folder}/config.json scales its rotation ("{kind}"), which is not converted. Choose a model without rope_scaling.')
    if config.get("partial_rotary_factor", 1.0) != 1.0 or any(flag == 0 for flag in config.get("no_rope_layers") or ()):
        raise Refused(f"{folder}/config.json leaves a part without rotation, which is not converted.")
    return float(config.get("rope_theta") or newer.get("rope_theta") or 10000.0)


def read_tensors(folder):
    from safetensors import safe_open

    files = sorted(glob.glob(os.path.join(folder, "*.safetensors")))
    if not files:
        raise Refused(f"{folder} has no *.safetensors. Expected the weights in that format.")
    tensors = {}
    for path in files:
        with safe_open(path, framework="pt") as file:
            for name in file.keys():
                if name.endswith("rotary_emb.inv_freq"):
                    continue
                own = TOPS.get(name)
                if own is None:
                    _, _, layer, part = (name.split(".", 3) + [""] * 4)[:4]
                    own = f"layers.{layer}.{NAMES[part]}" if part in NAMES else name
                tensors[own] = file.get_tensor(name).float()
    return tensors


def in_pairs(tensors, shape):
    """The library keeps halves; rows of q and k, their biases and their norms are put in pairs"""
    for name in list(tensors):
        part = name.rpartition(".")[2]
        if part in ("q", "q_bias"):
            tensors[name] = interleaved(tensors[name], shape.heads)
        elif part in ("k", "k_bias"):
            tensors[name] = interleaved(tensors[name], shape.kv_heads)
        elif part in ("q_norm", "k_norm"):
            tensors[name] = interleaved(tensors[name], 1)
    return tensors
