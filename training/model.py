"""YOCO with a sliding-window self-decoder: the mathematics and tensor names of microsoft/unilm YOCO/yoco/models/decoder.

The cross-decoder runs only at the positions that carry a loss, which makes documents of many thousand tokens cheap.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F


def rms(x, eps):
    x = x.float()
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps)


class Norm(nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        return rms(x, self.eps) * self.weight


def angles(positions, size, theta):
    """cos and sin [T, size / 2]; exponents from 0 to 1 inclusive (official rotary.py), interleaved pairs."""
    half = size // 2
    powers = torch.linspace(0, 1, half, dtype=torch.float64)
    angle = positions.double()[..., None] * (1.0 / theta**powers)
    return angle.cos().float(), angle.sin().float()


def rotate(x, cos, sin):
    """x [B, T, heads, D]"""
    a, b = x[..., ::2], x[..., 1::2]
    cos, sin = cos[:, :, None].to(x.dtype), sin[:, :, None].to(x.dtype)
    return torch.stack((a * cos - b * sin, b * cos + a * sin), -1).flatten(-2)


class FeedForward(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.fc1 = nn.Linear(dim, hidden, bias=False)
        self.gate = nn.Linear(dim, hidden, bias=False)
        self.fc2 = nn.Linear(hidden, dim, bias=False)

    def forward(self, x):
        return self.fc2(F.silu(self.fc1(x)) * self.gate(x))


class WindowAttention(nn.Module):
    """Each token sees the last `window` tokens, itself included; computed in blocks of `window`."""

    def __init__(self, dim, heads, window):
        super().__init__()
        self.heads, self.window = heads, window
        for name in ("q_proj", "k_proj", "v_proj", "out_proj"):
            setattr(self, name, nn.Linear(dim, dim, bias=False))

    def forward(self, x, rotation, mask):
        """mask [B, blocks, w, 2w] is added to the scores"""
        batch, length, dim = x.shape
        w, heads, size = self.window, self.heads, dim // self.heads
        blocks = length // w
        q, k, v = (p(x).view(batch, length, heads, size) for p in (self.q_proj, self.k_proj, self.v_proj))
        q, k, v = (t.transpose(1, 2).contiguous() for t in (rotate(q, *rotation) * size**-0.5, rotate(k, *rotation), v))

        def with_previous(t):
            t = t.view(batch, heads, blocks, w, size)
            return torch.cat((F.pad(t, (0, 0, 0, 0, 1, 0))[:, :, :-1], t), 3).view(-1, 2 * w, size)

        scores = torch.bmm(q.view(-1, w, size), with_previous(k).transpose(1, 2))
        scores = (scores.view(batch, heads, blocks, w, 2 * w) + mask[:, None]).softmax(-1)
        mixed = torch.bmm(scores.view(-1, w, 2 * w), with_previous(v)).view(batch, heads, length, size)
        return self.out_proj(mixed.transpose(1, 2).reshape(batch, length, dim))


def window_mask(segments, w, dtype):
    """0 where a token sees another: among its last `w` of the same segment; -1e4 elsewhere. [B, blocks, w, 2w]"""
    batch, length = segments.shape
    own = (segments + 1).view(batch, length // w, w)
    keys = torch.cat((F.pad(own, (0, 0, 1, 0))[:, :-1], own), 2)
    distance = torch.arange(w, device=segments.device)[:, None] + w - torch.arange(2 * w, device=segments.device)[None]
    seen = ((distance >= 0) & (distance < w)) & (own[..., None] == keys[:, :, None, :])
    return torch.where(seen, 0.0, -1e4).to(dtype)


class SelfLayer(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.mixer = WindowAttention(p["dim"], p["n_self_heads"], p["sliding_window"])
        self.ffn = FeedForward(p["dim"], p["hidden_dim"])
        self.mixer_layer_norm = Norm(p["dim"], p["norm_eps"])
        self.final_layer_norm = Norm(p["dim"], p["norm_eps"])

    def forward(self, x, rotation, mask):
        x = x + self.mixer(self.mixer_layer_norm(x), rotation, mask)
        return x + self.ffn(self.final_layer_norm(x))


class CrossAttention(nn.Module):
    def __init__(self, dim, heads, kv_heads):
        super().__init__()
        self.heads, self.groups = heads, heads // kv_heads
        self.q_proj = nn.Linear(dim, dim, bias=False)
        self.out_proj = nn.Linear(dim, dim, bias=False)

    def forward(self, x, rotation, keys, values, mask):
        """x [B, M, dim], keys and values [B, kv heads, N, D], mask [B, M, N] is added"""
        batch, rows, dim = x.shape
        size, kv = dim // self.heads, keys.shape[1]
        q = rotate(self.q_proj(x).view(batch, rows, self.heads, size), *rotation) * size**-0.5
        q = q.transpose(1, 2).reshape(batch * kv, self.groups * rows, size)
        scores = torch.bmm(q, keys.flatten(0, 1).transpose(1, 2)).view(batch, kv * self.groups, rows, -1)
        scores = (scores + mask[:, None]).softmax(-1).view(batch * kv, self.groups * rows, -1)
        mixed = torch.bmm(scores, values.flatten(0, 1)).view(batch, self.heads, rows, size)
        return self.out_proj(mixed.transpose(1, 2).reshape(batch, rows, dim))


class CrossLayer(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.mixer = CrossAttention(p["dim"], p["n_attn_heads"], p["n_attn_kv_heads"])
        self.ffn = FeedForward(p["dim"], p["hidden_dim"])
        self.mixer_layer_norm = Norm(p["dim"], p["norm_eps"])
        self.final_layer_norm = Norm(p["dim"], p["norm_eps"])

    def forward(self, x, *rest):
        x = x + self.mixer(self.mixer_layer_norm(x), *rest)
        return x + self.ffn(self.final_layer_norm(x))


class Half(nn.Module):
    """A container whose attribute names are those of the official tensors."""


class Yoco(nn.Module):
    def __init__(self, params):
        super().__init__()
        self.params = p = params
        self.embed_tokens = nn.Embedding(p["vocab_size"], p["dim"])
        nn.init.normal_(self.embed_tokens.weight, std=p["dim"] ** -0.5)
        half = p["n_layers"] // 2
        self.self_decoder, self.cross_decoder = Half(), Half()
        self.self_decoder.layers = nn.ModuleList(SelfLayer(p) for _ in range(half))
        kv = p["n_attn_kv_heads"] * (p["dim"] // p["n_attn_heads"])
        self.cross_decoder.kv_layer_norm = Norm(p["dim"], p["norm_eps"])
        self.cross_decoder.k_proj = nn.Linear(p["dim"], kv, bias=False)
        self.cross_decoder.v_proj = nn.Linear(p["dim"], kv, bias=False)
        self.cross_decoder.layers = nn.ModuleList(CrossLayer(p) for _ in range(half))
        self.layer_norm = Norm(p["dim"], p["norm_eps"])

    def forward(self, ids, segments, at):
        """ids, segments [B, T] (T a multiple of the window), at [B, M] positions whose next token is wanted -> logits [B, M, V]"""
        p = self.params
        batch, length = ids.shape
        positions = torch.arange(length, device=ids.device).expand(batch, length)
        own = angles(positions, p["dim"] // p["n_self_heads"], p["rope_theta"])
        x = self.embed_tokens(ids) * p["dim"] ** 0.5
        near = window_mask(segments, p["sliding_window"], torch.get_autocast_cpu_dtype() if torch.is_autocast_cpu_enabled() else x.dtype)
        for layer in self.self_decoder.layers:
            x = layer(x, own, near)
        n = self.cross_decoder.kv_layer_norm(x)
        shape = (batch, length, p["n_attn_kv_heads"], -1)
        turn = angles(positions, p["dim"] // p["n_attn_heads"], p["rope_theta"])
        keys = self.cross_decoder.k_proj(n).view(shape)
        values = self.cross_decoder.v_proj(n).view(shape)
        keys, values = (t.transpose(1, 2).contiguous() for t in (rotate(keys, *turn), values))
        x = x.gather(1, at[..., None].expand(-1, -1, p["dim"]))
        seen = torch.arange(length, device=ids.device)[None, None] <= at[..., None]
        mask = torch.where(seen, 0.0, -1e4).to(near.dtype)
        rows = tuple(t.gather(1, at[..., None].expand(-1, -1, t.shape[-1])) for t in turn)
        for layer in self.cross_decoder.layers:
            x = layer(x, rows, keys, values, mask)
        return F.linear(self.layer_norm(x), self.embed_tokens.weight)
