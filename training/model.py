"""YOCO with either self-decoder: the mathematics and tensor names of microsoft/unilm YOCO/yoco/models/decoder.

Read by samples of thousands of tokens: the cross-decoder runs only at the positions that carry a loss.
`params` are the keys of params.json; `n_self_layers` (ours) makes the split uneven, half of `n_layers` without it. Ours too
are what converted models need and only the flash-linear-attention layout can say (convert/export_fla.py): `n_self_kv_heads` of
the window layers, `self_qkv_bias` of theirs, `cross_rope_theta` of the upper half, `rope_exponents` "llama".
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

from attention import attend

CHUNK = 64
# Added to the log decay of a token that starts fresh: nothing of the state before it is left (e^-60 = 1e-26).
WIPED = -60.0


class Norm(nn.Module):
    def __init__(self, dim, eps):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        return rms(x, self.eps) * self.weight


def rms(x, eps):
    x = x.float()
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps)


def angles(positions, size, theta, exponents="yoco"):
    """cos and sin [..., size / 2], interleaved pairs; exponents from 0 to 1 inclusive (official rotary.py), or "llama"'s,
    which stop short of 1."""
    powers = torch.linspace(0, 1, size // 2, dtype=torch.float64, device=positions.device)
    if exponents == "llama":
        powers = torch.arange(size // 2, dtype=torch.float64, device=positions.device) / (size // 2)
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


def block_of(window):
    """Queries that are computed at once against themselves and the window before them. Of a window of 256, blocks of 128
    look at 384 keys, blocks of 256 at 512."""
    return min(window, 128) if window % 128 == 0 else window


def with_previous(t, dim, window, block):
    """[..., blocks at `dim`, block, ...] -> each block behind those that its window reaches"""
    reach = window // block
    parts = [F.pad(t, (0, 0) * (t.dim() - 1 - dim) + (i, 0)).narrow(dim, 0, t.shape[dim]) for i in range(reach, 0, -1)]
    return torch.cat((*parts, t), dim + 1)


class WindowAttention(nn.Module):
    """Each token sees the last `window` tokens of its segment, itself included."""

    def __init__(self, p):
        super().__init__()
        self.heads, self.window = p["n_self_heads"], p["sliding_window"]
        self.kv = p.get("n_self_kv_heads") or self.heads
        width = p["dim"] // self.heads * self.kv
        for name, out in (("q_proj", p["dim"]), ("k_proj", width), ("v_proj", width), ("out_proj", p["dim"])):
            setattr(self, name, nn.Linear(p["dim"], out, bias=name != "out_proj" and p.get("self_qkv_bias", False)))

    @staticmethod
    def context(segments, p, dtype):
        """0 where a token sees another, -1e4 elsewhere: [B, blocks, block, window + block]"""
        w = p["sliding_window"]
        c = block_of(w)
        batch, length = segments.shape
        own = (segments + 1).view(batch, length // c, c)
        keys = with_previous(own, 1, w, c)
        distance = torch.arange(c, device=segments.device)[:, None] + w - torch.arange(w + c, device=segments.device)[None]
        seen = ((distance >= 0) & (distance < w)) & (own[..., None] == keys[:, :, None, :])
        return torch.where(seen, 0.0, -1e4).to(dtype)

    def forward(self, x, rotation, mask):
        batch, length, dim = x.shape
        w, kv, size = self.window, self.kv, dim // self.heads
        c = block_of(w)
        group, blocks = self.heads // kv, length // c
        q, k, v = (p(x).view(batch, length, -1, size) for p in (self.q_proj, self.k_proj, self.v_proj))
        q, k = rotate(q, *rotation) * size**-0.5, rotate(k, *rotation)
        # The query heads of a K/V head are rows of one matrix: [B, kv, blocks] matrices of [group x block, size].
        q = q.view(batch, blocks, c, kv, group, size).permute(0, 3, 1, 4, 2, 5).reshape(-1, group * c, size)
        k, v = (t.transpose(1, 2).reshape(batch, kv, blocks, c, size) for t in (k, v))
        k, v = (with_previous(t, 2, w, c).view(-1, w + c, size) for t in (k, v))
        mixed, _ = attend(q, k, v, mask[:, None, :, None], (batch, kv, blocks, group))
        mixed = mixed.view(batch, kv, blocks, group, c, size).permute(0, 2, 4, 1, 3, 5)
        return self.out_proj(mixed.reshape(batch, length, dim))


class GateRetention(nn.Module):
    """Gated retention in its chunkwise form; the state between chunks by one product over all chunks."""

    def __init__(self, p):
        super().__init__()
        self.heads, self.eps = p["n_self_heads"], p["norm_eps"]
        for name in ("q_proj", "k_proj", "v_proj", "g_proj", "out_proj"):
            setattr(self, name, nn.Linear(p["dim"], p["dim"], bias=False))
        self.gt_proj = nn.Linear(p["dim"], self.heads, bias=False)

    @staticmethod
    def context(segments, p, dtype):
        """What is added to the log decay: [B, T]"""
        fresh = F.pad(segments[:, 1:] != segments[:, :-1], (1, 0))
        return torch.where(fresh, WIPED, 0.0)

    def forward(self, x, rotation, wiped):
        batch, length, dim = x.shape
        heads, size = self.heads, dim // self.heads
        q, k, v = (p(x).view(batch, length, heads, size) for p in (self.q_proj, self.k_proj, self.v_proj))
        shape = (batch * heads, length // CHUNK, CHUNK, size)
        q, k, v = (t.transpose(1, 2).reshape(shape) for t in (rotate(q, *rotation), rotate(k, *rotation) * size**-0.5, v))
        decay = (F.logsigmoid(self.gt_proj(x).float()) / 16 + wiped[..., None]).transpose(1, 2).reshape(shape[:3])
        inside = decay.cumsum(-1)
        causal = torch.ones(CHUNK, CHUNK, dtype=torch.bool, device=x.device).tril()
        near = (inside[..., :, None] - inside[..., None, :]).masked_fill(~causal, -1e4).exp().to(v.dtype)
        scores = torch.matmul(q, k.transpose(-1, -2)) * near
        mixed = torch.matmul(scores, v)
        # What each chunk adds to the state, and how much of it is left when a later chunk begins.
        last = inside[..., -1]
        added = torch.matmul((k * (last[..., None] - inside).exp()[..., None].to(k.dtype)).transpose(-1, -2), v)
        total = last.cumsum(-1)
        chunks = torch.ones(shape[1], shape[1], dtype=torch.bool, device=x.device).tril(-1)
        before = F.pad(total[..., :-1], (1, 0))
        left = (before[..., :, None] - total[..., None, :]).masked_fill(~chunks, -1e4).exp().to(v.dtype)
        state = torch.matmul(left, added.flatten(-2)).view(added.shape)
        mixed = mixed + torch.matmul(q, state) * inside.exp()[..., None].to(v.dtype)
        mixed = rms(mixed, self.eps).view(batch, heads, length, size).transpose(1, 2).reshape(batch, length, dim)
        return self.out_proj(mixed * F.silu(self.g_proj(x)))


class CrossAttention(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.heads = p["n_attn_heads"]
        self.q_proj = nn.Linear(p["dim"], p["dim"], bias=False)
        self.out_proj = nn.Linear(p["dim"], p["dim"], bias=False)

    def forward(self, x, rotation, keys, values, mask, pointed, found):
        """x [B, M, dim], keys and values [B, kv heads, N, D], mask [B, M, N] is added. With `pointed` [B, M, P] (-1:
        none) appends to `found` the log of each head's attention that lies at those places: [B, heads, M]"""
        batch, rows, dim = x.shape
        size, kv = dim // self.heads, keys.shape[1]
        q = rotate(self.q_proj(x).view(batch, rows, self.heads, size), *rotation) * size**-0.5
        q = q.transpose(1, 2).reshape(batch * kv, -1, size)
        mixed, total = attend(q, keys.flatten(0, 1), values.flatten(0, 1), mask[:, None], (batch, self.heads))
        if pointed is not None:
            most = pointed.shape[-1]
            places = pointed.clamp(min=0).flatten(1)[:, None, :, None].expand(-1, kv, -1, size)
            there = keys.gather(2, places).view(batch, kv, 1, rows, most, size)
            scores = (q.view(batch, kv, -1, rows, 1, size) * there).float().sum(-1).clamp(max=80)
            scores = scores.view(batch, self.heads, rows, most).masked_fill((pointed < 0)[:, None], -1e4)
            found.append(scores.logsumexp(-1) - total.view(batch, self.heads, rows).log())
        mixed = mixed.view(batch, self.heads, rows, size)
        return self.out_proj(mixed.transpose(1, 2).reshape(batch, rows, dim))


class Layer(nn.Module):
    def __init__(self, p, mixer):
        super().__init__()
        self.mixer = mixer(p)
        self.ffn = FeedForward(p["dim"], p["hidden_dim"])
        self.mixer_layer_norm = Norm(p["dim"], p["norm_eps"])
        self.final_layer_norm = Norm(p["dim"], p["norm_eps"])

    def forward(self, x, *rest):
        x = x + self.mixer(self.mixer_layer_norm(x), *rest)
        return x + self.ffn(self.final_layer_norm(x))


class Part(nn.Module):
    """A container whose attribute names are those of the official tensors."""


class Tied(nn.Module):
    """The embedding below, and the same weights as head above; with `share_input_output_embed` false a head of its own."""

    def __init__(self, params):
        super().__init__()
        self.params = params
        self.embed_tokens = nn.Embedding(params["vocab_size"], params["dim"])
        nn.init.normal_(self.embed_tokens.weight, std=params["dim"] ** -0.5)
        self.layer_norm = Norm(params["dim"], params["norm_eps"])
        if not params.get("share_input_output_embed", True):
            self.output_projection = nn.Linear(params["dim"], params["vocab_size"], bias=False)

    def embed(self, ids):
        """-> [B, T, dim] and the type that masks take"""
        x = self.embed_tokens(ids) * self.params["dim"] ** 0.5
        with_autocast = ids.is_cuda or torch.is_autocast_cpu_enabled()
        return x, torch.bfloat16 if with_autocast else x.dtype

    def head(self):
        return self.embed_tokens if self.params.get("share_input_output_embed", True) else self.output_projection

    def logits(self, x):
        return F.linear(self.layer_norm(x), self.head().weight)

    def forward(self, ids, segments, positions, at):
        """As Yoco.forward, of a model whose `streams` are all there is of it"""
        for x in self.streams(ids, segments, positions):
            pass
        return self.logits_at(x, at)

    def logits_at(self, x, at):
        """x [B, T, dim] the last stream, at [B, M] -> [B, M, V]"""
        return self.logits(x.gather(1, at[..., None].expand(-1, -1, x.shape[-1])))


def self_layers(params):
    """Layers of the self-decoder, by the keys of params.json; a Transformer has none, with open windows or without"""
    return 0 if params.get("transformer") or params.get("open_window") else params.get("n_self_layers") or params["n_layers"] // 2


class Yoco(Tied):
    def __init__(self, params):
        super().__init__(params)
        p = params
        own = self_layers(p)
        self.frozen = 0
        self.mixer = WindowAttention if p.get("sliding_window") else GateRetention
        self.self_decoder, self.cross_decoder = Part(), Part()
        self.self_decoder.layers = nn.ModuleList(Layer(p, self.mixer) for _ in range(own))
        kv = p["n_attn_kv_heads"] * (p["dim"] // p["n_attn_heads"])
        self.cross_decoder.kv_layer_norm = Norm(p["dim"], p["norm_eps"])
        self.cross_decoder.k_proj = nn.Linear(p["dim"], kv, bias=False)
        self.cross_decoder.v_proj = nn.Linear(p["dim"], kv, bias=False)
        self.cross_decoder.layers = nn.ModuleList(Layer(p, CrossAttention) for _ in range(p["n_layers"] - own))

    def freeze(self, layers):
        """The first `layers` of the self-decoder stay as they are: nothing goes back through them, and the embedding learns as
        the head alone, or not at all where that is another matrix."""
        self.frozen = layers
        for layer in self.self_decoder.layers[:layers]:
            layer.requires_grad_(False)

    @staticmethod
    def learning(wanted):
        return torch.set_grad_enabled(wanted and torch.is_grad_enabled())

    def forward(self, ids, segments, positions, at, pointed=None):
        """ids, segments, positions [B, T] (T a multiple of the window, of 64 for retention), at [B, M] the places
        whose next token is wanted -> logits [B, M, V]. With `pointed` [B, M, P] (-1: none) also the log of the last
        layer's attention that lies at those places, on average over its heads: [B, M]"""
        x, found = self.looked_up(self.read(ids, segments, positions), positions, at, pointed)
        logits = self.logits(x)
        return logits if pointed is None else (logits, found[-1].mean(1))

    def read(self, ids, segments, positions):
        """-> the stream behind the self-decoder [B, T, dim]"""
        for x in self.streams(ids, segments, positions):
            pass
        return x

    def streams(self, ids, segments, positions):
        """The stream behind each layer of the self-decoder [B, T, dim], one after the other"""
        p = self.params
        with self.learning(self.frozen == 0):
            x, dtype = self.embed(ids)
        turn = angles(positions, p["dim"] // p["n_self_heads"], p["rope_theta"], p.get("rope_exponents", "yoco"))
        context = self.mixer.context(segments, p, dtype)
        for i, layer in enumerate(self.self_decoder.layers):
            with self.learning(i >= self.frozen):
                x = layer(x, turn, context)
            yield x

    def cache(self, x, positions, at):
        """x [B, T, dim] the stream behind the self-decoder -> keys, values [B, kv heads, T, D], the rotation of the places `at`
        (cos and sin [B, M, D / 2]), what they do not see [B, M, T]"""
        p = self.params
        batch, length = positions.shape
        n = self.cross_decoder.kv_layer_norm(x)
        shape = (batch, length, p["n_attn_kv_heads"], -1)
        theta = p.get("cross_rope_theta") or p["rope_theta"]
        turn = angles(positions, p["dim"] // p["n_attn_heads"], theta, p.get("rope_exponents", "yoco"))
        keys, values = rotate(self.cross_decoder.k_proj(n).view(shape), *turn), self.cross_decoder.v_proj(n).view(shape)
        seen = torch.arange(length, device=at.device)[None, None] <= at[..., None]
        rows = tuple(t.gather(1, at[..., None].expand(-1, -1, t.shape[-1])) for t in turn)
        keys, values = (t.transpose(1, 2).contiguous() for t in (keys, values))
        return keys, values, rows, torch.where(seen, 0.0, -1e4).to(keys.dtype)

    def looked_up(self, x, positions, at, pointed=None, every=False):
        """x [B, T, dim] the stream behind the self-decoder, `at` and `pointed` as in forward -> the cross-decoder's stream [B, M, dim],
        with `pointed` the log of the attention at those places [B, heads, M] of its last layer, of `every` one"""
        keys, values, rows, mask = self.cache(x, positions, at)
        x = x.gather(1, at[..., None].expand(-1, -1, x.shape[-1]))
        found = []
        for layer in self.cross_decoder.layers:
            # What the last layer looks at is what the head can say.
            told = every or layer is self.cross_decoder.layers[-1]
            x = layer(x, rows, keys, values, mask, pointed if told else None, found)
        return x, found
