"""Texts that a conversation is not about, beside its own: what open heads see of them must be told apart, as in a text of many times the length.

After the Focused Transformer (Tworkowski et al. 2023, arXiv 2307.03170, section 3): the other samples of the batch, with gradients, and what is
kept of samples before, without. Open heads see everything at one distance, so that a text that lies elsewhere is one that lies further away.
"""
import random

import torch

from attention import attend
from open_window import HIDDEN


class OtherTexts:
    """Of all layers with open heads. `most`: tokens that are kept at most; how many of them a step sees is drawn, none in a quarter of all steps"""

    def __init__(self, layers, most, seed=0):
        self.layers, self.most, self.seed, self.step = {layer: OfLayer(most) for layer in layers}, most, seed, 0

    def of_step(self):
        """-> by layer what this step's conversations see, the same number for workers of one seed; nothing where only their own text"""
        share = random.Random(f"{self.seed} {self.step}").choice((0, 1 / 16, 1 / 4, 1))
        self.step += 1
        for layer in self.layers.values():
            layer.seen = int(share * self.most)
        return self.layers


class OfLayer:
    def __init__(self, most):
        self.most, self.seen, self.kept = most, 0, None

    def beside(self, whole, total, q, keys, values, read):
        """`whole` [B, rows, heads, D] and `total`, as attend_before has them of the own text, become those of the others too. q [B, rows, heads, D],
        keys and values [B, T, kv heads, D], read [B, T]: tokens of a document"""
        batch = len(keys)
        k, v = keys[read], values[read]
        found = [(k, v)] if self.seen and batch > 1 else []
        if self.seen and self.kept:
            found.append(tuple(t[-self.seen :] for t in self.kept))
        if found:
            whole = self.mixed(whole, total, q, read, *(torch.cat(parts).transpose(0, 1) for parts in zip(*found)), own=len(k) if batch > 1 else 0)
        with torch.no_grad():
            self.kept = tuple(torch.cat((kept, t.detach()))[-self.most :] for kept, t in zip(self.kept or (k[:0], v[:0]), (k, v)))
        return whole

    def mixed(self, whole, total, q, read, k, v, own):
        """k and v [kv heads, N, D], of which the first `own` are of this batch's texts, one after the other"""
        batch, rows, heads, size = q.shape
        kv = len(k)
        mask = torch.zeros(batch, 1, k.shape[1], dtype=q.dtype, device=q.device)
        if own:
            of = torch.arange(batch, device=q.device)[:, None].expand_as(read)[read]
            mask[:, 0, :own].masked_fill_(of[None] == torch.arange(batch, device=q.device)[:, None], HIDDEN)
        q = q.view(batch, rows, kv, -1, size).permute(2, 0, 3, 1, 4).reshape(kv, -1, size)
        more, sums = attend(q, k, v, mask, (kv, batch))
        more, sums = (t.view(kv, batch, -1, rows, t.shape[-1]).permute(1, 3, 0, 2, 4).flatten(2, 3) for t in (more, sums))
        share = sums / (total + sums)
        return (whole * (1 - share) + more * share).to(whole.dtype)
