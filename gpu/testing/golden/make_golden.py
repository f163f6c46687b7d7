#!/usr/bin/python3
"""Golden numbers of YOCO from PyTorch, for gpu/testing/golden.test.ts and for the engine.

    node gpu/testing/golden/make-inputs.mjs assets/models/small /tmp/golden
    /usr/bin/python3 gpu/testing/golden/make_golden.py assets/models/small /tmp/golden gpu/testing/golden

The modules follow microsoft/unilm YOCO/yoco/models/decoder (self-decoder, cross-decoder, incremental state, prefill
that skips the cross-decoder, then one token at a time through everything) and, for config.json, fla/layers/yoco.py
and fla/layers/attn.py; flash attention and the Triton kernels are replaced by the plain formulas that they compute.
Needs torch 1.13 or newer (Debian: python3-torch) and nothing else.
"""
import base64
import json
import math
import os
import platform
import struct
import sys

import torch
import torch.nn.functional as F


def load_safetensors(folder):
    tensors = {}
    kinds = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".safetensors"):
            continue
        with open(os.path.join(folder, name), "rb") as file:
            data = file.read()
        (length,) = struct.unpack("<Q", data[:8])
        header = json.loads(data[8 : 8 + length])
        for key, entry in header.items():
            if key != "__metadata__":
                begin, end = (8 + length + at for at in entry["data_offsets"])
                raw = bytearray(data[begin:end])
                tensors[key] = torch.frombuffer(raw, dtype=kinds[entry["dtype"]]).reshape(entry["shape"])
    return tensors


class Weights:
    """Linear layers and norms of one file, in the working precision."""

    def __init__(self, tensors, dtype):
        self.tensors = {name: value.to(dtype) for name, value in tensors.items()}

    def linear(self, x, name):
        return F.linear(x, self.tensors[name + ".weight"], self.tensors.get(name + ".bias"))

    def norm(self, x, name, eps):
        return rms(x, eps) * self.tensors[name + ".weight"]


def rms(x, eps):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps)


def rotate(x, start, theta, exponents, interleaved):
    """x [T, heads, D]; the angles are taken in the working precision."""
    half = x.shape[-1] // 2
    if exponents == "yoco":
        powers = torch.linspace(0, 1, half, dtype=x.dtype)
    else:
        powers = torch.arange(0, half, dtype=x.dtype) * 2 / x.shape[-1]
    angle = torch.arange(start, start + x.shape[0], dtype=x.dtype)[:, None] * (1.0 / theta**powers)
    cos, sin = angle.cos()[:, None], angle.sin()[:, None]
    if interleaved:
        a, b = x[..., ::2], x[..., 1::2]
        return torch.stack((a * cos - b * sin, b * cos + a * sin), -1).flatten(-2)
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


def attention(q, k, v, window=None):
    """What flash_attn_func(causal=True, window_size=(window - 1, 0)) computes; queries are the last rows of k."""
    group = q.shape[1] // k.shape[1]
    k, v = k.repeat_interleave(group, 1), v.repeat_interleave(group, 1)
    scores = torch.einsum("mhd,nhd->hmn", q, k) * q.shape[-1] ** -0.5
    own = torch.arange(q.shape[0])[:, None] + k.shape[0] - q.shape[0]
    other = torch.arange(k.shape[0])[None]
    hidden = other > own
    if window is not None:
        hidden = hidden | (other <= own - window)
    return torch.einsum("hmn,nhd->mhd", scores.masked_fill(hidden, -math.inf).softmax(-1), v)


class Model:
    def __init__(self, folder, dtype):
        official = os.path.exists(os.path.join(folder, "params.json"))
        with open(os.path.join(folder, "params.json" if official else "config.json")) as file:
            c = json.load(file)
        self.w = Weights(load_safetensors(folder), dtype)
        (self.official if official else self.fla)(c)

    def official(self, c):
        self.dim, self.eps = c["dim"], c.get("norm_eps", 1e-5)
        self.self_layers = c.get("n_self_layers") or c["n_layers"] // 2
        self.cross_layers = c["n_layers"] - self.self_layers
        self.self_heads, self.self_kv_heads = c["n_self_heads"], c["n_self_heads"]
        self.heads, self.kv_heads = c["n_attn_heads"], c["n_attn_kv_heads"]
        self.window, self.normalizer, self.q_norm = c.get("sliding_window") or None, 16, False
        self.self_rope = self.cross_rope = (c.get("rope_theta", 10000.0), "yoco", True)
        self.embed, self.last_norm = "embed_tokens", "layer_norm"
        self.head = "embed_tokens" if c.get("share_input_output_embed") else "output_projection"
        self.names = {
            "self": "self_decoder.layers.%d.", "cross": "cross_decoder.layers.%d.", "kv": "cross_decoder.",
            "kv_norm": "kv_layer_norm", "norm1": "mixer_layer_norm", "norm2": "final_layer_norm",
            "mixer": "mixer.", "decay": "gt_proj", "out": "out_proj",
            "silu": "ffn.fc1", "times": "ffn.gate", "down": "ffn.fc2",
        }  # fmt: skip

    def fla(self, c):
        s, x = c["self_decoder_attn"], c["cross_decoder_attn"]
        self.dim, self.eps = c["hidden_size"], c["norm_eps"]
        self.self_layers = c["num_self_decoder_layers"]
        self.cross_layers = c["num_hidden_layers"] - self.self_layers
        self.self_heads, self.self_kv_heads = s["num_heads"], s["num_v_heads"]
        self.heads, self.kv_heads = x["num_heads"], x["num_kv_heads"]
        self.window = s["window_size"] if s["type"] == "swa" else None
        self.normalizer, self.q_norm = s["gate_logit_normalizer"], x["qk_norm"]
        kinds = {"fla": "llama", "yoco": "yoco"}
        # The sliding-window layers are FLA's generic attention: its own exponents, halves rotated against each other.
        swa = (s["rope_theta"], "llama", False)
        self.self_rope = swa if self.window else (s["rope_theta"], kinds[s["rope_inv_freq"]], True)
        self.cross_rope = (x["rope_theta"], kinds[x["rope_inv_freq"]], True)
        self.embed, self.last_norm = "model.embeddings", "model.norm"
        self.head = "model.embeddings" if c["tie_word_embeddings"] else "lm_head"
        self.names = {
            "self": "model.self_layers.%d.", "cross": "model.cross_layers.%d.", "kv": "model.shared_kv_builder.",
            "kv_norm": "kv_norm", "norm1": "attn_norm", "norm2": "mlp_norm",
            "mixer": "attn.", "decay": "gk_proj", "out": "o_proj",
            "silu": "mlp.gate_proj", "times": "mlp.up_proj", "down": "mlp.down_proj",
        }  # fmt: skip

    def heads_of(self, x, name, heads):
        return self.w.linear(x, name).view(x.shape[0], heads, -1)

    def ffn(self, x, layer):
        n, h = self.names, self.w.norm(x, layer + self.names["norm2"], self.eps)
        return x + self.w.linear(
            F.silu(self.w.linear(h, layer + n["silu"])) * self.w.linear(h, layer + n["times"]), layer + n["down"]
        )

    def retention(self, h, mixer, q, k, v, state):
        a = F.logsigmoid(self.w.linear(h, mixer + self.names["decay"])) / self.normalizer
        k = k * q.shape[-1] ** -0.5
        before = state.get("S")
        if h.shape[0] == 1:
            s = torch.einsum("hd,he->hde", k[0], v[0])
            state["S"] = s if before is None else before * a[0].exp()[:, None, None] + s
            o = torch.einsum("hd,hde->he", q[0], state["S"])[None]
        else:
            total = a.cumsum(0)
            gap = (total[:, None] - total[None]).permute(2, 0, 1)
            later = torch.ones(h.shape[0], h.shape[0], dtype=torch.bool).triu(1)
            scores = torch.einsum("mhd,nhd->hmn", q, k) * gap.masked_fill(later, -math.inf).exp()
            o = torch.einsum("hmn,nhd->mhd", scores, v)
            rest = (total[-1:] - total).exp()
            s = torch.einsum("thd,the,th->hde", k, v, rest)
            if before is not None:
                o = o + torch.einsum("thd,hde,th->the", q, before, total.exp())
                s = s + before * total[-1].exp()[:, None, None]
            state["S"] = s
        g = self.w.linear(h, mixer + "g_proj")
        return F.silu(g) * rms(o, self.eps).flatten(1)

    def self_mixer(self, x, i, start, state):
        layer = self.names["self"] % i
        mixer = layer + self.names["mixer"]
        h = self.w.norm(x, layer + self.names["norm1"], self.eps)
        q = rotate(self.heads_of(h, mixer + "q_proj", self.self_heads), start, *self.self_rope)
        k = rotate(self.heads_of(h, mixer + "k_proj", self.self_kv_heads), start, *self.self_rope)
        v = self.heads_of(h, mixer + "v_proj", self.self_kv_heads)
        if self.window is None:
            o = self.retention(h, mixer, q, k, v, state)
        else:
            k, v = torch.cat((state.get("k", k[:0]), k)), torch.cat((state.get("v", v[:0]), v))
            state["k"], state["v"] = k[-self.window :], v[-self.window :]
            o = attention(q, k, v, self.window).flatten(1)
        return x + self.w.linear(o, mixer + self.names["out"])

    def cross_mixer(self, x, j, start, k, v):
        layer = self.names["cross"] % j
        mixer = layer + self.names["mixer"]
        h = self.w.norm(x, layer + self.names["norm1"], self.eps)
        q = self.heads_of(h, mixer + "q_proj", self.heads)
        if self.q_norm:
            q = self.w.norm(q, mixer + "q_norm", 1e-5)  # RMSNorm(head_dim): the class's default epsilon
        q = rotate(q, start, *self.cross_rope)
        return x + self.w.linear(attention(q, k, v).flatten(1), mixer + self.names["out"])

    def forward(self, tokens, state, skip_cross_decoder=False):
        start = state.setdefault("position", 0)
        x = F.embedding(torch.tensor(tokens), self.w.tensors[self.embed + ".weight"]) * math.sqrt(self.dim)
        for i in range(self.self_layers):
            x = self.ffn(self.self_mixer(x, i, start, state.setdefault(i, {})), self.names["self"] % i)
        kv = self.names["kv"]
        n = self.w.norm(x, kv + self.names["kv_norm"], self.eps)
        k = rotate(self.heads_of(n, kv + "k_proj", self.kv_heads), start, *self.cross_rope)
        v = self.heads_of(n, kv + "v_proj", self.kv_heads)
        state["k"] = k = torch.cat((state.get("k", k[:0]), k))
        state["v"] = v = torch.cat((state.get("v", v[:0]), v))
        state["position"] = start + len(tokens)
        if skip_cross_decoder:
            return None
        for j in range(self.cross_layers):
            x = self.ffn(self.cross_mixer(x, j, start, k, v), self.names["cross"] % j)
        return self.w.linear(self.w.norm(x, self.last_norm, self.eps), self.head)


def relative(a, b):
    return ((a - b).abs().max() / b.abs().max()).item()


def answer(model, tokens, count):
    """As the official evaluation does it: all but the last token without the cross-decoder, then one at a time."""
    state, rows, chosen = {}, [], []
    if len(tokens) > 1:
        model.forward(tokens[:-1], state, skip_cross_decoder=True)
    last = tokens[-1]
    for _ in range(count):
        rows.append(model.forward([last], state)[0])
        last = int(rows[-1].argmax())
        chosen.append(last)
    return chosen, torch.stack(rows)


def golden_answers(folder, prompts):
    exact, single = Model(folder, torch.float64), Model(folder, torch.float32)
    results = []
    for prompt in prompts:
        tokens = prompt["tokens"]
        chosen, rows = answer(exact, tokens, 32)
        whole = exact.forward(tokens + chosen[:-1], {})[len(tokens) - 1 :]
        assert relative(rows, whole) < 1e-9, "step by step differs from one pass"
        in_single, single_rows = answer(single, tokens, 32)
        top = rows[0].topk(16)
        best = rows.topk(2, -1).values
        results.append({
            "name": prompt["name"], "tokens": tokens, "greedy": chosen,
            "margins": [round(m, 4) for m in (best[:, 0] - best[:, 1]).tolist()],
            "topIds": top.indices.tolist(), "topLogits": [round(x, 7) for x in top.values.tolist()],
        })  # fmt: skip
        print(
            "%-22s %4d tokens, smallest margin %.4f, one pass differs by %.1e, float32 by %.1e%s"
            % (prompt["name"], len(tokens), min(results[-1]["margins"]), relative(rows, whole),
               relative(single_rows[0], rows[0].float()), "" if in_single == chosen else " and in its tokens")
        )  # fmt: skip
    return results


def golden_tiny(folder, tokens):
    model = Model(folder, torch.float64)
    rows = model.forward(tokens, {})
    state = {}
    stepped = torch.cat([model.forward(tokens[:7], state)] + [model.forward([t], state) for t in tokens[7:]])
    assert relative(stepped, rows) < 1e-9, "step by step differs from one pass"
    packed = struct.pack("<%dd" % rows.numel(), *rows.flatten().tolist())
    return {"tokens": tokens, "vocab": rows.shape[1], "logits": base64.b64encode(packed).decode()}


def main(model_folder, inputs, out):
    torch.set_num_threads(2)
    made = {
        "command": "make_golden.py " + " ".join(sys.argv[1:]),
        "versions": {"python": platform.python_version(), "torch": torch.__version__},
    }

    def write(name, content):
        with open(os.path.join(out, name), "w") as file:
            json.dump({**made, **content}, file, separators=(",", ":"))
            file.write("\n")

    with torch.no_grad():
        with open(os.path.join(inputs, "inputs.json")) as file:
            given = json.load(file)
        write("model.json", {
            "weights": given["weights"], "answers": golden_answers(model_folder, given["prompts"]),
        })  # fmt: skip
        for tiny in given["tiny"]:
            content = golden_tiny(os.path.join(inputs, tiny["kind"]), tiny["tokens"])
            write("tiny-%s.json" % tiny["kind"], {"options": tiny["options"], **content})


if __name__ == "__main__":
    main(*sys.argv[1:4])
