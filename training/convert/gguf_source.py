"""A Llama-like model from a GGUF file (any quantisation that the `gguf` package dequantises).

GGUF's rows of q and k are already in interleaved pairs (llama.cpp, convert_hf_to_gguf.py, LlamaModel.permute): nothing is
permuted here, and permuting again would give a model that talks nonsense without an error.
"""
import hashlib

import numpy as np
import torch

from source import Refused, Shape, Source, check_tensors

NAMES = {
    "attn_norm": "attn_norm", "attn_q": "q", "attn_k": "k", "attn_v": "v", "attn_output": "o",
    "ffn_norm": "ffn_norm", "ffn_gate": "gate", "ffn_up": "up", "ffn_down": "down",
}
TOPS = {"token_embd.weight": "embed", "output_norm.weight": "norm", "output.weight": "head"}
# Tables that llama.cpp derives from the configuration.
DERIVED = ("rope_freqs.weight",)
CONTROL_KIND = 3


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def read_gguf(path, expected=None):
    """-> Source. `expected`: the file's sha256, where it is known. Raises Refused."""
    import gguf

    if expected and (found := sha256(path)) != expected:
        raise Refused(f"{path} has sha256 {found}, expected {expected}. Download it again.")
    reader = gguf.GGUFReader(path)

    def value(key, default=None):
        entry = reader.fields.get(key)
        if entry is None and default is None:
            raise Refused(f"{path} says nothing of {key}, which a Llama-like model must.")
        return default if entry is None else entry.contents()

    family = value("general.architecture")
    if family != "llama":
        raise Refused(f'{path} is of the architecture "{family}", expected "llama". Other families: as a folder of safetensors.')
    if "rope_freqs.weight" in {t.name for t in reader.tensors} or value("llama.rope.scaling.type", "none") != "none":
        raise Refused(f"{path} scales its rotation, which is not converted. Choose a model without rope scaling.")
    dim, heads = value("llama.embedding_length"), value("llama.attention.head_count")
    entries = value("tokenizer.ggml.tokens")
    shape = Shape(
        layers=value("llama.block_count"), dim=dim, heads=heads, kv_heads=value("llama.attention.head_count_kv", heads),
        head=value("llama.rope.dimension_count", dim // heads), hidden=value("llama.feed_forward_length"), vocab=len(entries),
        theta=value("llama.rope.freq_base", 10000.0), eps=round(value("llama.attention.layer_norm_rms_epsilon"), 12),
        trained_length=value("llama.context_length", 2048),
    )
    tensors = {}
    for tensor in reader.tensors:
        if tensor.name in DERIVED:
            continue
        name = TOPS.get(tensor.name)
        if name is None:
            _, layer, part, *rest = tensor.name.split(".") + [""] * 3
            name = f"layers.{layer}.{NAMES[part]}" if part in NAMES and rest[0] == "weight" else tensor.name
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        # numpy's order of axes is the reverse of GGUF's: [out, in].
        tensors[name] = torch.from_numpy(np.array(values, dtype=np.float32)).reshape(*map(int, tensor.shape[::-1]))
    check_tensors(tensors, shape)
    kinds = value("tokenizer.ggml.token_type")
    control = {entry: i for i, (entry, kind) in enumerate(zip(entries, kinds)) if kind == CONTROL_KIND}
    return Source(family, shape, tensors, entries, value("tokenizer.ggml.merges"), control)
