"""Reads a document once with a model with open windows and answers greedily, as the engine does (gpu/open-window), in PyTorch: to measure a model
before it is exported, several questions of a document at once."""
from dataclasses import dataclass, field

import torch

from model import angles, rotate
from open_window import HARDLY, HIDDEN
from precision import fast
from tokens import CONTROL

PIECE = 512


@dataclass
class Kept:
    """Of a layer: keys (rotated) and values of the last window [W, kv heads, D], keys (as they are) and values of the open heads of all tokens [T, open heads, D]"""

    window: tuple = ()
    parts: list = field(default_factory=list)

    def opened(self):
        """-> keys and values of all tokens [T, open heads, D]"""
        if len(self.parts) > 1:
            self.parts = [tuple(torch.cat(t) for t in zip(*self.parts))]
        return self.parts[0]


@dataclass
class Said:
    ids: list
    # Probabilities of all entries at the answer's first token [V].
    first: torch.Tensor


class Answering:
    def __init__(self, model, sharpness=1.0):
        """`model`: OpenWindow; `sharpness`: what scores of the open heads of a conversation are multiplied with"""
        self.model, self.p, self.sharpness = model.eval(), model.params, sharpness
        p = self.p
        self.size, self.group = p["dim"] // p["n_attn_heads"], p["n_attn_heads"] // p["n_attn_kv_heads"]
        self.far = self.turn(torch.tensor([[p["open_distance"]]]))

    def turn(self, positions):
        return angles(positions, self.size, self.p["rope_theta"], "llama")

    def qkv(self, mixer, n):
        """n [B, T, dim] -> q (scaled) [B, T, heads, D], k and v [B, T, kv heads, D] in float32"""
        shape = (*n.shape[:2], -1, self.size)
        return mixer.q_proj(n).view(shape).float() * self.size**-0.5, mixer.k_proj(n).view(shape).float(), mixer.v_proj(n).view(shape).float()

    @torch.autocast("cpu", enabled=False)
    def windowed(self, mixer, q, k, v, mask):
        """q [B, T, heads, D] on k and v [B, S, kv heads, D], mask [B, 1, T, S], the sink beside them -> [B, T, heads, D]"""
        scores = torch.einsum("btgid,bsgd->bgits", q.unflatten(2, (-1, self.group)), k) + mask[:, :, None]
        sink = mixer.sink.float().view(1, -1, self.group, 1, 1).expand(*scores.shape[:4], 1)
        share = torch.cat((scores, sink), -1).softmax(-1)
        rest = share[..., -1:] * mixer.sink_values.float().view(1, -1, 1, 1, self.size)
        return (torch.einsum("bgits,bsgd->bgitd", share[..., :-1], v) + rest).permute(0, 3, 1, 2, 4).flatten(2, 3)

    def behind(self, layer, x, mixed):
        x = x + layer.mixer.out_proj(mixed.flatten(2))
        return x + layer.ffn(layer.final_layer_norm(x))

    @torch.no_grad()
    def read(self, ids):
        """ids [T] of a document from <|bos|><|doc|> on, without <|enddoc|>, which is of the conversation -> Kept of every layer"""
        kept = [Kept() for _ in self.model.layers]
        with fast("cpu"):
            for begin in range(0, len(ids), PIECE):
                self.read_piece(torch.tensor([ids[begin : begin + PIECE]]), begin, kept)
        return kept

    def read_piece(self, ids, begin, kept):
        x, _ = self.model.embed(ids)
        at = begin + torch.arange(ids.shape[1])
        turn, window = self.turn(at[None]), self.p["sliding_window"]
        for layer, own in zip(self.model.layers, kept):
            mixer = layer.mixer
            q, k, v = self.qkv(mixer, layer.mixer_layer_norm(x))
            if mixer.opened:
                own.parts.append((k[0, :, mixer.opened], v[0, :, mixer.opened]))
            rotated, values = rotate(k, *turn), v
            if own.window:
                rotated, values = (torch.cat((past[None], new), 1) for past, new in zip(own.window, (rotated, v)))
            seen = begin + ids.shape[1] - rotated.shape[1] + torch.arange(rotated.shape[1])
            apart = at[:, None] - seen[None]
            mask = torch.where((apart >= 0) & (apart < window) & (seen > 0), 0.0, HIDDEN)
            if begin == 0:
                mask[0, 0] = HARDLY
            own.window = tuple(t[0, -window:] for t in (rotated, values))
            x = self.behind(layer, x, self.windowed(mixer, rotate(q, *turn), rotated, values, mask[None, None]))

    @torch.no_grad()
    def answer(self, kept, length, questions, most=24):
        """`kept` of a document of `length` tokens; questions: ids each -> Said of each"""
        asked = [[CONTROL["enddoc"], CONTROL["user"], *q, CONTROL["assistant"]] for q in questions]
        widest, rows = max(map(len, asked)), len(asked)
        ids = torch.tensor([a + [0] * (widest - len(a)) for a in asked])
        ends = torch.tensor([len(a) for a in asked])
        there = [None] * len(kept)
        at = torch.arange(widest)[None].expand(rows, -1)
        seen, real = at, at < ends[:, None]
        said, alive, first = [[] for _ in asked], [True] * rows, None
        with fast("cpu"):
            x = self.told(kept, there, length, ids, at, seen, real)
            logits = self.model.logits(x[torch.arange(rows), ends - 1])
            for step in range(most):
                logits = logits.float()
                logits[:, [i for name, i in CONTROL.items() if name != "end"]] = -1e9
                if first is None:
                    first = logits.softmax(-1)
                chosen = logits.argmax(-1)
                for row, token in enumerate(chosen.tolist()):
                    alive[row] = alive[row] and token != CONTROL["end"]
                    if alive[row]:
                        said[row].append(token)
                if not any(alive) or step == most - 1:
                    break
                at = (ends + step)[:, None]
                seen, real = torch.cat((seen, at), 1), torch.cat((real, torch.ones(rows, 1, dtype=torch.bool)), 1)
                logits = self.model.logits(self.told(kept, there, length, chosen[:, None], at, seen, real)[:, -1])
        return [Said(ids, probabilities) for ids, probabilities in zip(said, first)]

    def told(self, kept, there, length, ids, at, seen, real):
        """Tokens of conversations [B, T] at the places `at` behind the document -> the stream behind the last layer. there: by layer keys (rotated, as they are)
        and values of the conversations so far, of tokens at `seen` [B, S], which count where `real`"""
        x, _ = self.model.embed(ids)
        window, turn = self.p["sliding_window"], self.turn(length + at)
        before = at[:, :, None] - seen[:, None]
        visible = (before >= 0) & real[:, None]
        near = torch.where(visible & (before < window), 0.0, HIDDEN)
        past = length - window + torch.arange(window)
        for number, (layer, own) in enumerate(zip(self.model.layers, kept)):
            mixer = layer.mixer
            q, k, v = self.qkv(mixer, layer.mixer_layer_norm(x))
            new = (rotate(k, *turn), k, v)
            there[number] = new if there[number] is None else tuple(torch.cat(pair, 1) for pair in zip(there[number], new))
            rotated, plain, values = there[number]
            wide = len(own.window[0])
            of_text = past[-wide:]
            far = torch.where(((length + at)[..., None] - of_text < window) & (of_text > 0), 0.0, HIDDEN)
            keys, all_values = (torch.cat((t[None].expand(len(ids), -1, -1, -1), mine), 1) for t, mine in zip(own.window, (rotated, values)))
            mixed = self.windowed(mixer, rotate(q, *turn), keys, all_values, torch.cat((far, near), -1)[:, None])
            if mixer.opened:
                mixed = self.opened(mixer, mixed, q, own.opened(), (plain, values), visible)
            x = self.behind(layer, x, mixed)
        return x

    @torch.autocast("cpu", enabled=False)
    def opened(self, mixer, mixed, q, document, conversation, visible):
        """What the open heads find in the whole text and in what was said, in place of what their windows found"""
        q = rotate(q, *self.far).unflatten(2, (-1, self.group))[:, :, mixer.opened] * self.sharpness
        keys, values = document
        plain, own = (t[:, :, mixer.opened] for t in conversation)
        scores = torch.einsum("btgid,sgd->bgits", q, keys)
        more = torch.einsum("btgid,bsgd->bgits", q, plain).masked_fill(~visible[:, None, None], HIDDEN)
        share = torch.cat((scores, more), -1).softmax(-1)
        found = torch.einsum("bgits,sgd->btgid", share[..., : len(keys)], values) + torch.einsum("bgits,bsgd->btgid", share[..., len(keys) :], own)
        mixed = mixed.unflatten(2, (-1, self.group)).clone()
        mixed[:, :, mixer.opened] = found
        return mixed.flatten(2, 3)
