"""Made-up models of four layers: a folder of the transformers library, a GGUF file, and what the library itself would say.
`python3 training/convert/testing.py FOLDER [FAMILY]` writes such a folder."""
import json
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F

if __name__ == "__main__":
    sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from source import halves
from tokens import LETTERS

SIZES = {"num_hidden_layers": 4, "hidden_size": 64, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 96}


def entries(words=120):
    """Bytes, pairs of letters and made-up words -> entries, merges"""
    made, merges = [LETTERS[b] for b in range(256)], []
    letters = "etaoinshrdlu"
    for a in letters:
        for b in letters[: words // len(letters)]:
            merges.append(f"{a} {b}")
            made.append(a + b)
    for a in letters:
        merges.append(f"{LETTERS[32]} {a}e")
        made.append(f"{LETTERS[32]}{a}e")
    return ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *made], merges


def tensors(family, vocab, seed=1, tied=True):
    """Random weights under the library's names; heads of Qwen3 are wider than dim / heads"""
    g = torch.Generator().manual_seed(seed)
    dim, hidden, heads, kv = (SIZES[k] for k in ("hidden_size", "intermediate_size", "num_attention_heads", "num_key_value_heads"))
    size = 24 if family == "qwen3" else dim // heads

    def made(*shape, scale=None):
        return torch.randn(*shape, generator=g) * (scale or shape[-1] ** -0.5)

    found = {"model.embed_tokens.weight": made(vocab, dim, scale=1.0), "model.norm.weight": 1 + made(dim, scale=0.1)}
    if not tied:
        found["lm_head.weight"] = made(vocab, dim)
    for i in range(SIZES["num_hidden_layers"]):
        at = f"model.layers.{i}."
        for name, out in (("q", heads), ("k", kv), ("v", kv)):
            found[f"{at}self_attn.{name}_proj.weight"] = made(out * size, dim)
            if family == "qwen2":
                found[f"{at}self_attn.{name}_proj.bias"] = made(out * size, scale=0.3)
        found[f"{at}self_attn.o_proj.weight"] = made(dim, heads * size)
        for name, shape in (("gate", (hidden, dim)), ("up", (hidden, dim)), ("down", (dim, hidden))):
            found[f"{at}mlp.{name}_proj.weight"] = made(*shape)
        for name in ("input_layernorm", "post_attention_layernorm"):
            found[f"{at}{name}.weight"] = 1 + made(dim, scale=0.1)
        if family == "qwen3":
            for name in ("q_norm", "k_norm"):
                found[f"{at}self_attn.{name}.weight"] = 1 + made(size, scale=0.1)
    return found, size


def write_folder(folder, family="llama", tied=True, **changes):
    """-> tensors as written"""
    from safetensors.torch import save_file

    os.makedirs(folder, exist_ok=True)
    listed, merges = entries()
    found, size = tensors(family, len(listed), tied=tied)
    save_file(found, f"{folder}/model.safetensors")
    config = {**SIZES, "model_type": family, "vocab_size": len(listed), "head_dim": size, "rope_theta": 10000.0, "rms_norm_eps": 1e-5, "tie_word_embeddings": tied, "hidden_act": "silu"}
    with open(f"{folder}/config.json", "w") as file:
        json.dump({**config, **changes}, file)
    added = [{"id": i, "content": entry} for i, entry in enumerate(listed[:3])]
    with open(f"{folder}/tokenizer.json", "w") as file:
        json.dump({"model": {"vocab": {e: i for i, e in enumerate(listed)}, "merges": merges}, "added_tokens": added}, file)
    return found


def write_gguf(path, kind="Q8_0"):
    """-> tensors as the library would name them, after the rounding"""
    import gguf

    listed, merges = entries()
    found, _ = tensors("llama", len(listed))
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(4)
    writer.add_embedding_length(64)
    writer.add_feed_forward_length(96)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_context_length(512)
    writer.add_token_list(listed)
    writer.add_token_types([3] * 3 + [1] * (len(listed) - 3))
    writer.add_token_merges(merges)
    names = {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down"}
    quantisation = getattr(gguf.GGMLQuantizationType, kind)
    rounded = {}
    for name, value in found.items():
        own = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}.get(name)
        part = ".".join(name.split(".")[3:-1])
        own = own or f"blk.{name.split('.')[2]}.{names[part]}.weight"
        if value.dim() == 1:
            writer.add_tensor(own, value.numpy())
            rounded[name] = value
            continue
        heads = {"self_attn.q_proj": 4, "self_attn.k_proj": 2}.get(part)
        # As llama.cpp's converter: halves become pairs.
        stored = value.view(heads, 2, -1, 64).transpose(1, 2).reshape(value.shape) if heads else value
        packed = gguf.quants.quantize(stored.numpy(), quantisation)
        writer.add_tensor(own, packed, raw_dtype=quantisation)
        back = torch.from_numpy(np.array(gguf.quants.dequantize(packed, quantisation))).reshape(value.shape)
        rounded[name] = halves(back, heads) if heads else back
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return rounded


def library_logits(found, ids, family="llama", theta=10000.0, eps=1e-5):
    """What the transformers library computes, written down once more: rotation of halves [T, vocab]"""
    heads, kv = SIZES["num_attention_heads"], SIZES["num_key_value_heads"]

    def norm(x, weight):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * weight

    x = found["model.embed_tokens.weight"][ids]
    length = len(ids)
    size = found["model.layers.0.self_attn.q_proj.weight"].shape[0] // heads
    angle = torch.arange(length)[:, None] * theta ** (-torch.arange(0, size, 2) / size)
    cos, sin = (torch.cat((t, t), -1)[:, None] for t in (angle.cos(), angle.sin()))

    def turned(t):
        a, b = t.chunk(2, -1)
        return t * cos + torch.cat((-b, a), -1) * sin

    for i in range(SIZES["num_hidden_layers"]):
        def w(name):
            return found[f"model.layers.{i}.{name}.weight"]

        n = norm(x, w("input_layernorm"))
        q, k, v = (F.linear(n, w(f"self_attn.{p}_proj"), found.get(f"model.layers.{i}.self_attn.{p}_proj.bias")).view(length, -1, size) for p in "qkv")
        if family == "qwen3":
            q, k = norm(q, w("self_attn.q_norm")), norm(k, w("self_attn.k_norm"))
        q, k, v = turned(q), turned(k).repeat_interleave(heads // kv, 1), v.repeat_interleave(heads // kv, 1)
        scores = torch.einsum("thd,shd->hts", q, k) * size**-0.5
        scores = scores.masked_fill(torch.ones(length, length, dtype=torch.bool).triu(1), -1e30)
        x = x + F.linear(torch.einsum("hts,shd->thd", scores.softmax(-1), v).reshape(length, -1), w("self_attn.o_proj"))
        n = norm(x, w("post_attention_layernorm"))
        x = x + F.linear(F.silu(F.linear(n, w("mlp.gate_proj"))) * F.linear(n, w("mlp.up_proj")), w("mlp.down_proj"))
    return F.linear(norm(x, found["model.norm.weight"]), found.get("lm_head.weight", found["model.embed_tokens.weight"]))


if __name__ == "__main__":
    write_folder(*sys.argv[1:])
