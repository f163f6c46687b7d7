"""A pretrained Transformer in memory, whatever file it came from: its shape, its tensors in float32, its tokenizer.

Rows of q and k stand in the order of interleaved pairs (x0, y0, x1, y1, ...), as YOCO's own rotation and GGUF have them;
checkpoints of the transformers library keep halves (x0, x1, ..., y0, y1, ...) and are put in order while reading.
"""
import os
from dataclasses import dataclass, field

import torch


@dataclass
class Shape:
    """Sizes of a Llama-like decoder. `head` is the size of one head, in numbers; `theta` the base of its rotation."""

    layers: int
    dim: int
    heads: int
    kv_heads: int
    head: int
    hidden: int
    vocab: int
    theta: float
    eps: float
    trained_length: int = 2048


@dataclass
class Source:
    """`tensors`: `embed` [vocab, dim], `norm` [dim], `head` [vocab, dim] where it is not the embedding, and by layer
    `layers.3.` + attn_norm, q, k, v, o, ffn_norm, gate, up, down (matrices [out, in]), where the family has them
    `q_bias`, `k_bias`, `v_bias` and the norms of queries and keys `q_norm`, `k_norm` [head].
    `entries`: the tokenizer's entries by id (byte-level letters), `merges`: "a b" in order of rank.
    `control`: ids of control tokens by name."""

    family: str
    shape: Shape
    tensors: dict
    entries: list = field(default_factory=list)
    merges: list = field(default_factory=list)
    control: dict = field(default_factory=dict)


def interleaved(rows, heads):
    """Rows [heads x size, ...] in halves -> in pairs"""
    return rows.view(heads, 2, -1, *rows.shape[1:]).transpose(1, 2).reshape(rows.shape)


def halves(rows, heads):
    """Rows [heads x size, ...] in pairs -> in halves"""
    return rows.view(heads, -1, 2, *rows.shape[1:]).transpose(1, 2).reshape(rows.shape)


class Refused(Exception):
    """A source that cannot be converted: what was found, what was expected, what to do."""


def check_tensors(tensors, shape, optional=()):
    """Every tensor of a Llama-like decoder is there with its shape and nothing is left over. Raises Refused."""
    q, kv, dim = shape.heads * shape.head, shape.kv_heads * shape.head, shape.dim
    layer = {
        "attn_norm": (dim,), "q": (q, dim), "k": (kv, dim), "v": (kv, dim), "o": (dim, q),
        "ffn_norm": (dim,), "gate": (shape.hidden, dim), "up": (shape.hidden, dim), "down": (dim, shape.hidden),
    }
    extras = {"q_bias": (q,), "k_bias": (kv,), "v_bias": (kv,), "q_norm": (shape.head,), "k_norm": (shape.head,)}
    layer.update({name: extras[name] for name in optional})
    wanted = {"embed": (shape.vocab, dim), "norm": (dim,)}
    wanted.update({f"layers.{i}.{name}": size for i in range(shape.layers) for name, size in layer.items()})
    if "head" in tensors:
        wanted["head"] = (shape.vocab, dim)
    for name, size in wanted.items():
        found = tensors.get(name)
        if found is None:
            raise Refused(f"The source has no tensor {name}, expected one of shape {list(size)}. Is the file whole?")
        if tuple(found.shape) != size:
            raise Refused(f"The tensor {name} has shape {list(found.shape)}, expected {list(size)}.")
        if not torch.isfinite(found).all():
            raise Refused(f"The tensor {name} holds values that are no numbers. Download the source again.")
    left = sorted(set(tensors) - set(wanted))
    if left:
        raise Refused(f"The source has tensors that a Llama-like decoder has no place for: {', '.join(left[:5])}.")


def read_source(path, sha256=None):
    """A folder of the transformers library, one of train.py with a source that was trained on, or a GGUF file, of which the digest is
    checked where one is given. Raises Refused."""
    expected = "Expected a GGUF file or a folder with config.json, *.safetensors and tokenizer.json"
    if not os.path.exists(path):
        raise Refused(f"There is no {path}. {expected}: is the path right?")
    try:
        if os.path.isdir(path):
            from own_source import is_own, read_own

            if is_own(path):
                return read_own(path)
            from hf_source import read_folder

            return read_folder(path)
        with open(path, "rb") as file:
            if (found := file.read(4)) != b"GGUF":
                raise Refused(f"{path} begins with {found}, and a GGUF file with {b'GGUF'}. {expected}: download it again or choose another.")
        from gguf_source import read_gguf

        return read_gguf(path, sha256)
    except ModuleNotFoundError as missing:
        raise Refused(f"Reading {path} takes the package {missing.name}, which this Python has not. Install it: pip install {missing.name}") from missing
