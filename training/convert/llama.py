"""The source model on PyTorch, as it is: the teacher of the conversion. Rotation in interleaved pairs."""
import torch
import torch.nn.functional as F

HIDDEN = -1e30


def rms(x, weight, eps):
    x = x.float()
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * weight


def rotation(length, head, theta, device=None):
    """cos and sin [length, head / 2] of Llama's frequencies theta^(-2i/head)"""
    powers = torch.arange(head // 2, dtype=torch.float64, device=device) / (head // 2)
    angle = torch.arange(length, dtype=torch.float64, device=device)[:, None] * theta**-powers
    return angle.cos().float(), angle.sin().float()


def rotate(x, cos, sin):
    """x [B, T, heads, head]"""
    a, b = x[..., ::2], x[..., 1::2]
    cos, sin = cos[:, None].to(x.dtype), sin[:, None].to(x.dtype)
    return torch.stack((a * cos - b * sin, b * cos + a * sin), -1).flatten(-2)


def mask(length, window=None, device=None):
    """0 where a token sees another, -1e30 elsewhere [length, length]"""
    at = torch.arange(length, device=device)
    distance = at[:, None] - at[None]
    seen = (distance >= 0) & (distance < (window or length))
    return torch.where(seen, 0.0, HIDDEN)


def attend(q, k, v, hidden):
    """q [B, T, H, D], k and v [B, T, KV, D] -> the heads' outputs side by side [B, T, H x D]"""
    batch, length, heads, size = q.shape
    kv = k.shape[2]
    q = q.transpose(1, 2).reshape(batch * kv, -1, size) * size**-0.5
    k, v = (t.transpose(1, 2).reshape(batch * kv, length, size) for t in (k, v))
    scores = torch.bmm(q, k.transpose(1, 2)).float().view(batch, heads, length, length) + hidden
    mixed = torch.bmm(scores.softmax(-1).to(v.dtype).view(batch * kv, -1, length), v)
    return mixed.view(batch, heads, length, size).transpose(1, 2).reshape(batch, length, heads * size)


class Llama:
    """Layers of a Source; `tensors` may be changed (pruned entries)."""

    def __init__(self, source):
        self.shape, self.tensors = source.shape, source.tensors
        self.biased = "layers.0.q_bias" in source.tensors
        self.normed = "layers.0.q_norm" in source.tensors

    def of(self, layer, name):
        return self.tensors[f"layers.{layer}.{name}"]

    def embed(self, ids):
        return F.embedding(ids, self.tensors["embed"])

    def head(self, x):
        return F.linear(self.normalised(x), self.tensors.get("head", self.tensors["embed"]))

    def normalised(self, x):
        return rms(x, self.tensors["norm"], self.shape.eps)

    def project(self, layer, name, n, heads):
        """q, k or v of the normalised stream, before rotation [B, T, heads, head]"""
        x = F.linear(n, self.of(layer, name), self.of(layer, f"{name}_bias") if self.biased else None)
        x = x.view(*n.shape[:2], heads, self.shape.head)
        return rms(x, self.of(layer, f"{name}_norm"), self.shape.eps).to(x.dtype) if self.normed and name != "v" else x

    def qkv(self, layer, n, cos, sin):
        """-> q and k rotated, v"""
        s = self.shape
        q, k = rotate(self.project(layer, "q", n, s.heads), cos, sin), rotate(self.project(layer, "k", n, s.kv_heads), cos, sin)
        return q, k, self.project(layer, "v", n, s.kv_heads)

    def inner(self, layer, x):
        """What the feed-forward network makes of the stream before `down` [B, T, hidden]"""
        n = rms(x, self.of(layer, "ffn_norm"), self.shape.eps)
        return F.silu(F.linear(n, self.of(layer, "gate"))) * F.linear(n, self.of(layer, "up"))

    def feed(self, layer, x):
        return F.linear(self.inner(layer, x), self.of(layer, "down"))

    def layer(self, layer, x, cos, sin, hidden):
        """-> the stream behind the layer, the attention's own output"""
        q, k, v = self.qkv(layer, rms(x, self.of(layer, "attn_norm"), self.shape.eps), cos, sin)
        a = F.linear(attend(q, k, v, hidden), self.of(layer, "o"))
        x = x + a
        return x + self.feed(layer, x), a

    @torch.no_grad()
    def stream(self, ids, until=None):
        """ids [B, T] -> the stream behind `until` layers, all without it"""
        cos, sin = rotation(ids.shape[1], self.shape.head, self.shape.theta, ids.device)
        hidden, x = mask(ids.shape[1], device=ids.device), self.embed(ids)
        for layer in range(self.shape.layers if until is None else until):
            x = self.layer(layer, x, cos, sin, hidden)[0]
        return x

    @torch.no_grad()
    def logits(self, ids):
        return self.head(self.stream(ids))
