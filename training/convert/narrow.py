"""A smaller Transformer from a pretrained one, in closed form: fewer units in every feed-forward network, layers left out.

Both run side by side over the same ids; `x` is the source's stream, `y` the smaller one's. `o` of every layer is fitted so that y becomes the source's
stream behind attention, `down` so that it becomes the source's stream before the next layer that is kept.
"""
from dataclasses import replace

import torch
import torch.nn.functional as F

from fit import narrow, refuse_width
from llama import Llama, attend, mask, rms, rotation
from regression import by_rows, left_over, ridge, with_first
from source import Refused, Source

NAMES = ("attn_norm", "q", "k", "v", "o", "ffn_norm", "gate", "up", "down", "q_bias", "k_bias", "v_bias", "q_norm", "k_norm")


def refuse_left_out(left_out, layers):
    """`left_out`: layers by the source's numbers. Raises Refused."""
    wrong = sorted(layer for layer in left_out if not 0 < layer < layers - 1)
    if wrong:
        raise Refused(f"--left-out names layer {wrong[0]}, expected layers from 1 to {layers - 2}: the first makes the stream and the last one what the head reads.")


@torch.no_grad()
def narrowed(source, ids, hidden=None, left_out=(), log=print):
    """ids [R, T] for the fits, `hidden`: units of each feed-forward network, all without it -> Source. Raises Refused."""
    teacher, s = Llama(source), source.shape
    refuse_width(hidden, s.hidden)
    refuse_left_out(left_out, s.layers)
    kept = [layer for layer in range(s.layers) if layer not in left_out]
    own = {name: t for name, t in source.tensors.items() if not name.startswith("layers.")}
    for new, old in enumerate(kept):
        own.update({f"layers.{new}.{name}": source.tensors[f"layers.{old}.{name}"] for name in NAMES if f"layers.{old}.{name}" in source.tensors})
    smaller = Source(source.family, replace(s, layers=len(kept), hidden=hidden or s.hidden), own, source.entries, source.merges, source.control)
    student, turn, hide = Llama(smaller), rotation(ids.shape[1], s.head, s.theta), mask(ids.shape[1])

    def mixed(model, layer, stream):
        return by_rows(lambda r: attend(*model.qkv(layer, rms(r, model.of(layer, "attn_norm"), s.eps), *turn), hide), stream)

    x = y = teacher.embed(ids)
    for new, old in enumerate(kept):
        behind = x + F.linear(mixed(teacher, old, x), teacher.of(old, "o"))
        z = mixed(student, new, y)
        own[f"layers.{new}.o"] = fitted(z, behind - y, student.of(new, "o"), behind)
        y = y + F.linear(z, student.of(new, "o"))
        x = behind + by_rows(lambda r: teacher.feed(old, r), behind)
        for skipped in range(old + 1, kept[new + 1] if new + 1 < len(kept) else s.layers):
            x = by_rows(lambda r: teacher.layer(skipped, r, *turn, hide)[0], x)
        y = narrow_feed(student, new, y, x, hidden or s.hidden)
        log(f"layer {new} (was {old}): error of the stream {left_over(y, x):.4f}")
    return smaller


def fitted(inputs, wanted, near, stream):
    return ridge(inputs.flatten(0, 1), wanted.flatten(0, 1), 1e-2, near, with_first(stream))


def narrow_feed(student, layer, y, wanted, width):
    """Keeps `width` units of a feed-forward network and fits `down`, so that the stream y behind attention becomes `wanted` -> the stream behind the layer"""
    made = narrow(student, layer, by_rows(lambda r: student.inner(layer, r), y), width)
    down = student.tensors[f"layers.{layer}.down"] = fitted(made, wanted - y, student.of(layer, "down"), wanted)
    return y + F.linear(made, down)
