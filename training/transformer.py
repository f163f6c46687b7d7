"""The Transformer that YOCO is compared with, as many layers of the same width, each with a K/V cache of its own; also the source of a
conversion while it is trained (convert/own_source.py)."""
import torch
import torch.nn as nn

from attention import attend_before
from model import Layer, Tied, angles, rotate


class CausalAttention(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.heads, self.kv = p["n_attn_heads"], p["n_attn_kv_heads"]
        width = p["dim"] // self.heads * self.kv
        self.q_proj, self.out_proj = (nn.Linear(p["dim"], p["dim"], bias=False) for _ in range(2))
        self.k_proj, self.v_proj = (nn.Linear(p["dim"], width, bias=False) for _ in range(2))

    def forward(self, x, rotation, mask):
        batch, length, dim = x.shape
        size = dim // self.heads
        q = rotate(self.q_proj(x).view(batch, length, self.heads, size), *rotation) * size**-0.5
        k = rotate(self.k_proj(x).view(batch, length, self.kv, size), *rotation)
        v = self.v_proj(x).view(batch, length, self.kv, size)
        mixed, _ = attend_before(q, k, v, mask)
        return self.out_proj(mixed.reshape(batch, length, dim))


class Transformer(Tied):
    def __init__(self, params):
        super().__init__(params)
        self.layers = nn.ModuleList(Layer(params, CausalAttention) for _ in range(params["n_layers"]))

    def streams(self, ids, segments, positions):
        """The stream behind each layer [B, T, dim], one after the other; segments are not looked at: every token sees all before it."""
        p, length = self.params, ids.shape[1]
        x, dtype = self.embed(ids)
        rotation = angles(positions, p["dim"] // p["n_attn_heads"], p["rope_theta"], p.get("rope_exponents", "yoco"))
        seen = torch.ones(length, length, dtype=torch.bool, device=ids.device).tril()
        mask = torch.where(seen, 0.0, -1e4).to(dtype)[None]
        for layer in self.layers:
            x = layer(x, rotation, mask)
            yield x
