"""A Transformer that reads through a window and answers with some of its windows open.

Reading, every head of every layer sees the last tokens only: memory is constant and time linear. What the open heads' keys and values were is kept of the
whole text, the one cache. Of a conversation behind a document (told tokens: from <|enddoc|> on, or from the first <|user|> where there is none)
those heads see all of it and the conversation so far, at one distance whatever lies between: positions beyond those of pretraining do not occur. A
window has no first token to rest on, so every head has what that one was to it as weights (`sink`, `sink_values`; the first token itself
is hidden), after StreamingLLM (Xiao et al. 2023, arXiv 2309.17453, section 3).

`params` are those of a Transformer (convert/own_source.py) and `open_window`: true, `sliding_window`, `open_heads`: [[layer, K/V head], ...],
`open_distance`: tokens.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

from attention import attend_before
from model import Layer, Tied, angles, rotate
from tokens import CONTROL

# Added to a score: the first token's own of itself, which must see something; what is hidden.
HARDLY, HIDDEN = -30.0, -1e4


def told_of(ids):
    """ids [B, T] -> which tokens are of a conversation"""
    ends, asks = (ids == CONTROL["enddoc"]).cumsum(1), (ids == CONTROL["user"]).cumsum(1)
    return torch.where((ids == CONTROL["enddoc"]).any(1, keepdim=True), ends, asks) > 0


class OpenAttention(nn.Module):
    def __init__(self, p, opened):
        """`opened`: numbers of this layer's K/V heads"""
        super().__init__()
        self.heads, self.kv, self.opened = p["n_attn_heads"], p["n_attn_kv_heads"], sorted(opened)
        self.size, self.window = p["dim"] // self.heads, p["sliding_window"]
        self.q_proj, self.out_proj = (nn.Linear(p["dim"], p["dim"], bias=False) for _ in range(2))
        self.k_proj, self.v_proj = (nn.Linear(p["dim"], self.size * self.kv, bias=False) for _ in range(2))
        self.sink = nn.Parameter(torch.zeros(self.heads))
        self.sink_values = nn.Parameter(torch.zeros(self.kv * self.size))

    def forward(self, x, rotation, far, windows, all_before, told, first, others=None):
        """x [B, T, dim], `rotation` of all positions, `far` of the one distance, both masks [B or 1, T, T] are added, told [B, T], none of them
        before `first`; `others`: this layer's of other_texts.OtherTexts"""
        batch, length, dim = x.shape
        kv, size, group = self.kv, self.size, self.heads // self.kv
        q = self.q_proj(x).view(batch, length, self.heads, size) * size**-0.5
        k, v = (p(x).view(batch, length, kv, size) for p in (self.k_proj, self.v_proj))
        mixed, total = attend_before(rotate(q, *rotation), rotate(k, *rotation), v, windows, self.window)
        rest = self.sink.float().clamp(max=80).exp().view(1, 1, -1, 1)
        share = total / (total + rest)
        values = self.sink_values.view(kv, 1, size).expand(kv, group, size).reshape(self.heads, size)
        mixed = mixed * share.to(mixed.dtype) + ((1 - share) * values).to(mixed.dtype)
        if self.opened and first < length:
            own = [g * group + i for g in self.opened for i in range(group)]
            turned, keys, values = rotate(q[:, :, own], *far), k[:, :, self.opened], v[:, :, self.opened]
            whole, total = attend_before(turned, keys, values, all_before, first=first)
            if others:
                whole = others.beside(whole, total, turned[:, length - whole.shape[1] :], keys, values, ~told)
            whole = F.pad(whole, (0, 0, 0, 0, length - whole.shape[1], 0))
            parts = list(mixed.unbind(2))
            for at, head in enumerate(own):
                parts[head] = torch.where(told[..., None], whole[:, :, at], parts[head])
            mixed = torch.stack(parts, 2)
        return self.out_proj(mixed.reshape(batch, length, dim))


class OpenWindow(Tied):
    def __init__(self, params):
        super().__init__(params)
        opened = [[g for layer, g in params["open_heads"] if layer == i] for i in range(params["n_layers"])]
        self.layers = nn.ModuleList(Layer(params, lambda p, own=own: OpenAttention(p, own)) for own in opened)
        # What conversations see beside their own text while this is trained.
        self.others = None

    def context(self, ids, segments, positions, dtype):
        """-> what the attention of every layer takes beside the stream, both masks in `dtype`"""
        p, length = self.params, ids.shape[1]
        size = p["dim"] // p["n_attn_heads"]
        turn = angles(positions, size, p["rope_theta"], "llama")
        far = angles(torch.full_like(positions[:1, :1], p["open_distance"]), size, p["rope_theta"], "llama")
        at = torch.arange(length, device=ids.device)
        apart = at[:, None] - at[None]
        near = (apart >= 0) & (apart < p["sliding_window"]) & (segments[:, :, None] == segments[:, None])
        windows = torch.where(near & (at > 0), 0.0, HIDDEN)
        windows[:, 0, 0] = HARDLY
        before = torch.where(apart >= 0, 0.0, HIDDEN)
        told = told_of(ids)
        first = int(told.any(0).float().argmax()) if told.any() else length
        return turn, far, windows.to(dtype), before[None].to(dtype), told, first

    def streams(self, ids, segments, positions):
        """The stream behind each layer [B, T, dim], one after the other"""
        x, dtype = self.embed(ids)
        context = self.context(ids, segments, positions, dtype)
        others = self.others.of_step() if self.others and self.training else {}
        for i, layer in enumerate(self.layers):
            x = layer(x, *context, others.get(i))
            yield x
