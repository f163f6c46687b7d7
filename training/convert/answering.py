"""Reads a document once with a model with open windows and answers greedily, as the engine does (gpu/open-window, gpu/focus.ts), in PyTorch: to
measure a model before it is exported, several questions of a document at once."""
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial

import torch

from model import angles, rotate
from open_window import HARDLY, HIDDEN
from precision import fast
from tokens import CONTROL

PIECE = 512
# As in gpu/focus.ts, which says what they are.
ASKING, SPAN, BLOCK, SEEN_WHOLE = 64, 16, 32, 128
# Blocks of rows that an answer sees, and those by which it is told whether there is one: at least, at most, from which share of the best one's attention on, and how
# many before and behind each.
TO_ANSWER, TO_REFUSE = (1, 12, 0.7, 2), (3, 12, 0.5, 2)
# Rows at the beginning of a document that are no text: <|bos|><|doc|>.
PREFIX = 2


def rows_to_see(mass, choice=TO_ANSWER):
    """mass [T]: what a question's tokens gave to each row of a document -> numbers of the rows that its answer sees, in order"""
    least, most, enough, around = choice
    count = -(-len(mass) // BLOCK)
    scores = torch.nn.functional.pad(mass, (0, count * BLOCK - len(mass))).view(-1, BLOCK).sum(-1)
    best = scores.argsort(descending=True, stable=True).tolist()
    chosen = [b for i, b in enumerate(best) if i < least or (i < most and scores[b] >= enough * scores[best[0]])]
    seen = {b + i for b in chosen for i in range(-around, around + 1)}
    return [t for t in range(len(mass)) if t < SPAN or t // BLOCK in seen]


def sayable(logits):
    """[..., V] -> the same in float32, without what an answer never says"""
    logits = logits.float().clone()
    logits[..., [i for name, i in CONTROL.items() if name != "end"]] = -1e9
    return logits


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
    # Probabilities of all entries at the answer's first token [V], where it is no refusal.
    first: torch.Tensor
    # How likely it would begin as a refusal if it saw what tells whether there is an answer; None: no refusal is known.
    doubt: float | None


class Answering:
    def __init__(self, model, exact=False, refusal=()):
        """`model`: OpenWindow, which looks questions up where it has a `finding_layer`; exact: in float32 wherever bf16 is faster; refusal: the ids of one"""
        self.model, self.p = model.eval(), model.params
        self.arithmetic = nullcontext if exact else partial(fast, "cpu")
        self.finds, self.choice, self.wider = self.p.get("finding_layer"), TO_ANSWER, TO_REFUSE
        p = self.p
        self.size, self.group = p["dim"] // p["n_attn_heads"], p["n_attn_heads"] // p["n_attn_kv_heads"]
        # Rows of a document that each conversation sees [B, N] (-1: none); None: all of them.
        self.looked, self.refusal = None, refusal[:2]
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
        with self.arithmetic():
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
        doubt = self.look_up(kept, length, ids, at, real)
        said, alive, first = [[] for _ in asked], [True] * rows, None
        with self.arithmetic():
            x = self.told(kept, there, length, ids, at, seen, real)
            logits = self.model.logits(x[torch.arange(rows), ends - 1])
            for step in range(most):
                logits = sayable(logits)
                if step == 0 and self.refusal:
                    # What is not refused begins otherwise.
                    logits[:, self.refusal[0]] = -1e9
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
        return [Said(*one) for one in zip(said, first, doubt)]

    def look_up(self, kept, length, ids, at, real):
        """What conversations [B, T] will see of the document, as `answer` has them -> Said's `doubt` of each"""
        self.looked = mass = None
        if self.finds is not None and length > SEEN_WHOLE:
            with self.arithmetic():
                mass = self.told(kept, [None] * len(kept), length, ids, at, at, real, finding=True)
            self.looked = self.together([rows_to_see(one, self.wider) for one in mass])
        doubt = self.doubts(kept, length, ids, at, real)
        if mass is not None:
            self.looked = self.together([rows_to_see(one, self.choice) for one in mass])
        return doubt

    def doubts(self, kept, length, ids, at, real):
        """How likely answers would begin with the first two tokens of the refusal, with what they see now"""
        if not self.refusal:
            return [None] * len(ids)
        ends, rows = real.sum(1), torch.arange(len(ids))
        share, there, seen = 1.0, [None] * len(kept), at
        with self.arithmetic():
            x = self.told(kept, there, length, ids, at, seen, real)[rows, ends - 1]
            for step, token in enumerate(self.refusal):
                share = share * sayable(self.model.logits(x)).softmax(-1)[:, token]
                at = (ends + step)[:, None]
                seen, real = torch.cat((seen, at), 1), torch.cat((real, torch.ones(len(ids), 1, dtype=torch.bool)), 1)
                if step < len(self.refusal) - 1:
                    x = self.told(kept, there, length, torch.full_like(at, token), at, seen, real)[:, -1]
        return share.tolist()

    @torch.no_grad()
    def logits(self, kept, length, asked, reply):
        """asked: ids from <|enddoc|> to <|assistant|>, reply: those that follow -> logits from which each token of `reply` was chosen [len(reply), V], Said's `doubt`"""
        at = torch.arange(len(asked) + len(reply) - 1)[None]
        real = torch.ones_like(at, dtype=torch.bool)
        doubt = self.look_up(kept, length, torch.tensor([asked]), at[:, : len(asked)], real[:, : len(asked)])
        with self.arithmetic():
            x = self.told(kept, [None] * len(kept), length, torch.tensor([[*asked, *reply[:-1]]]), at, at, real)
            found = sayable(self.model.logits(x[0, len(asked) - 1 :]))
            if self.refusal:
                found[0, self.refusal[0]] = -1e9
        return found, doubt[0]

    @staticmethod
    def together(rows):
        """Numbers of rows of each question -> [B, N], filled up with -1"""
        most = max(map(len, rows))
        return torch.tensor([one + [-1] * (most - len(one)) for one in rows])

    def told(self, kept, there, length, ids, at, seen, real, finding=False):
        """Tokens of conversations [B, T] at the places `at` behind the document -> the stream behind the last layer. there: by layer keys (rotated, as they are)
        and values of the conversations so far, of tokens at `seen` [B, S], which count where `real`. finding -> what the last tokens of each give to every row
        of the document in the layer that finds [B, length]"""
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
                share = self.shares(mixer, q, own.opened(), plain, visible)
                if finding and number == self.finds:
                    ends = real.sum(1, keepdim=True)
                    counted = real & (at >= ends - ASKING)
                    # A sum over all heads and tokens: in bf16 blocks that are nearly as strong would be equal.
                    mass = (share[..., :length].float() * counted[:, None, None, :, None]).sum((1, 2, 3))
                    mass[:, :PREFIX] = 0
                    return mass
                mixed = self.opened(mixer, mixed, share, own.opened(), values)
            x = self.behind(layer, x, mixed)
        return x

    def looked_at(self, rows):
        """rows [T, heads, D] of a document -> those that a conversation sees, [T, heads, D] or [B, N, heads, D]"""
        return rows if self.looked is None else rows[self.looked.clamp(min=0)]

    @torch.autocast("cpu", enabled=False)
    def shares(self, mixer, q, document, plain, visible):
        """What the open heads give to the rows of the document that are seen and to the conversation's [B, open heads, group, T, S]"""
        q = rotate(q, *self.far).unflatten(2, (-1, self.group))[:, :, mixer.opened]
        keys = self.looked_at(document[0])
        scores = torch.einsum("btgid,sgd->bgits" if keys.dim() == 3 else "btgid,bsgd->bgits", q, keys)
        if self.looked is not None:
            scores = scores.masked_fill((self.looked < 0)[:, None, None, None], HIDDEN)
        more = torch.einsum("btgid,bsgd->bgits", q, plain[:, :, mixer.opened]).masked_fill(~visible[:, None, None], HIDDEN)
        return torch.cat((scores, more), -1).softmax(-1)

    @torch.autocast("cpu", enabled=False)
    def opened(self, mixer, mixed, share, document, conversation):
        """What the open heads find in the text and in what was said (values [B, S, kv heads, D]), in place of what their windows found"""
        values = self.looked_at(document[1])
        count = values.shape[-3]
        found = torch.einsum("bgits,sgd->btgid" if values.dim() == 3 else "bgits,bsgd->btgid", share[..., :count], values)
        found = found + torch.einsum("bgits,bsgd->btgid", share[..., count:], conversation[:, :, mixer.opened])
        mixed = mixed.unflatten(2, (-1, self.group)).clone()
        mixed[:, :, mixer.opened] = found
        return mixed.flatten(2, 3)
