"""The closed-form start: a YOCO's tensors by regressions on a few thousand tokens, without a step of training.

Teacher and student run side by side over the same ids; `x` is the teacher's stream, `y` the student's. The self-decoder is
the teacher's first layers with a window; the layers above read one shared K/V made of the stream between the halves. What is
fitted: every `o` (the student's stream becomes the teacher's again), the shared v and k, every upper q (on the teacher's
scores), and every upper `down`, which takes over what layers left out had added. The rest is the teacher's own.
"""
from dataclasses import replace

import torch
import torch.nn.functional as F

from fit_cache import chosen_keys, fit_keys, fit_values, refuse_keys
from llama import Llama, attend, mask, rms, rotate, rotation
from regression import FIRST_SHARE, by_rows, fair, flat, left_over, ridge, with_first
from source import Refused


def refuse_width(hidden, most):
    """`hidden`: units of each feed-forward network that are kept, None for all. Raises Refused."""
    if hidden is not None and (hidden % 32 or not 0 < hidden <= most):
        raise Refused(f"--hidden is {hidden}, expected a multiple of 32 from 32 to {most}: weights of 4 bits stand in blocks of 32.")


def narrow(model, layer, inner, width):
    """Keeps `width` units of a feed-forward network, those that move the stream most -> of `inner` [B, T, hidden], what it makes of the stream
    behind attention before `down`, the units that are kept"""
    if width == inner.shape[-1]:
        return inner
    moved = inner.pow(2) * model.of(layer, "down").pow(2).sum(0)
    share = moved / moved.sum(-1, keepdim=True)
    units = ((1 - FIRST_SHARE) * share[:, 1:].mean((0, 1)) + FIRST_SHARE * share[:, 0].mean(0)).topk(width).indices.sort().values
    for name in ("gate", "up"):
        model.tensors[f"layers.{layer}.{name}"] = model.of(layer, name)[units]
    model.tensors[f"layers.{layer}.down"] = model.of(layer, "down")[:, units]
    return inner[..., units]


class Student(Llama):
    """The teacher's layers that are kept, by their new number; `k`, `v`, `kv_norm` are the shared cache's. `hidden`: units of each
    feed-forward network; `keys`: (layer, K/V head) of the teacher for each K/V head of the cache, as many as the teacher has without it.
    Raises Refused."""

    def __init__(self, teacher, split, upper, window, base, hidden=None, keys=None):
        super().__init__(teacher)
        refuse_width(hidden, teacher.shape.hidden)
        refuse_keys(keys, teacher.shape, upper)
        self.keys = keys
        self.kv = len(keys) if keys else teacher.shape.kv_heads
        self.order = [list(range(teacher.shape.heads)) for _ in upper]
        self.shape = replace(teacher.shape, hidden=teacher.shape.hidden if hidden is None else hidden)
        self.split, self.window, self.base = split, window, base
        self.origin = [*range(split), *upper]
        names = ("attn_norm", "q", "k", "v", "o", "ffn_norm", "gate", "up", "down", "q_bias", "k_bias", "v_bias", "q_norm", "k_norm")
        own = {name: teacher.tensors[name] for name in ("embed", "norm", "head") if name in teacher.tensors}
        for new, old in enumerate(self.origin):
            for name in names:
                if f"layers.{old}.{name}" in teacher.tensors and (new < split or name[0] not in "kv"):
                    own[f"layers.{new}.{name}"] = teacher.of(old, name)
        own["kv_norm"] = torch.ones(teacher.shape.dim)
        self.tensors = own

    def reorder(self, number, order):
        """Heads of upper layer `number` in another order: `order[i]` is the source's number of head i, which reads K/V head
        i x K/V heads / heads of the cache"""
        self.order[number] = order
        s, layer = self.shape, self.split + number
        q, o = self.of(layer, "q"), self.of(layer, "o")
        self.tensors[f"layers.{layer}.q"] = q.view(s.heads, s.head, s.dim)[order].reshape(q.shape)
        self.tensors[f"layers.{layer}.o"] = o.view(s.dim, s.heads, s.head)[:, order].reshape(o.shape)

    def readers(self, number, g):
        """The source's heads of upper layer `number` that read K/V head g of the cache"""
        group = self.shape.heads // self.kv
        return self.order[number][g * group : (g + 1) * group]

    def shared(self, y):
        """-> keys rotated for the upper half, values [B, T, kv heads, head]"""
        n = rms(y, self.tensors["kv_norm"], self.shape.eps)
        k, v = (F.linear(n, self.tensors[name]).view(*y.shape[:2], -1, self.shape.head) for name in ("k", "v"))
        return rotate(k, *rotation(y.shape[1], self.shape.head, self.base)), v

    def query(self, layer, y):
        n = rms(y, self.of(layer, "attn_norm"), self.shape.eps)
        return rotate(F.linear(n, self.of(layer, "q")).view(*y.shape[:2], self.shape.heads, -1), *rotation(y.shape[1], self.shape.head, self.base))


def fit_down(student, layer, y, wanted, strength):
    """`down` of the units that are kept, so that the stream y behind attention becomes `wanted` -> the stream behind the layer"""
    inner = narrow(student, layer, by_rows(lambda r: student.inner(layer, r), y), student.shape.hidden)
    # Nobody looks at the first token's stream above the split.
    whole = layer < student.split
    rows, weight = (lambda t: t.flatten(0, 1), with_first) if whole else (flat, fair)
    student.tensors[f"layers.{layer}.down"] = ridge(rows(inner), rows(wanted - y), strength, student.of(layer, "down"), weight(wanted))
    return y + F.linear(inner, student.of(layer, "down"))


@torch.no_grad()
def fit_lower(teacher, student, ids, log):
    """Window instead of all before: `o` is fitted to the teacher's stream -> the stream of both between the halves"""
    s = teacher.shape
    turn = rotation(ids.shape[1], s.head, s.theta)
    full, window = mask(ids.shape[1]), mask(ids.shape[1], student.window)

    def mixed(model, layer, stream, hidden):
        return by_rows(lambda r: attend(*model.qkv(layer, rms(r, model.of(layer, "attn_norm"), s.eps), *turn), hidden), stream)

    x = y = teacher.embed(ids)
    for layer in range(student.split):
        behind = x + F.linear(mixed(teacher, layer, x, full), teacher.of(layer, "o"))
        z = mixed(student, layer, y, window)
        student.tensors[f"layers.{layer}.o"] = ridge(z.flatten(0, 1), (behind - y).flatten(0, 1), 1e-2, teacher.of(layer, "o"), with_first(behind))
        y = y + F.linear(z, student.of(layer, "o"))
        x = behind + by_rows(lambda r: teacher.feed(layer, r), behind)
        y = fit_down(student, layer, y, x, 1e-2) if student.shape.hidden < s.hidden else y + by_rows(lambda r: student.feed(layer, r), y)
        log(f"lower {layer}: error of the stream {left_over(y, x):.4f}")
    return x, y


@torch.no_grad()
def upper_streams(teacher, student, x):
    """-> [(the teacher's stream before a kept layer, its attention's output, its stream before the next kept layer)]"""
    turn, hidden = rotation(x.shape[1], teacher.shape.head, teacher.shape.theta), mask(x.shape[1])
    kept, found = student.origin[student.split :], []
    for old in range(student.split, teacher.shape.layers):
        before = x
        x, a = by_rows(lambda r: teacher.layer(old, r, *turn, hidden), x)
        if old in kept:
            found.append([before, a, None])
        if found:
            found[-1][2] = x
    return found


def moments(teacher, old, x, keys, at, base, order, uniform=0.2):
    """Of some query positions `at` of one row x [T, dim]: how the shared keys spread under the attention the teacher has
    there (mixed with some of everything), and how its scores go along with them, both turned back by the query's own
    rotation; of the heads in this `order`, as many behind one another read a K/V head of the cache as there are for each
    -> per head [heads, len(at), head, head], [heads, len(at), head]"""
    s, length = teacher.shape, len(x)
    group = s.heads // s.kv_heads
    q, k, _ = teacher.qkv(old, rms(x[None], teacher.of(old, "attn_norm"), s.eps), *rotation(length, s.head, s.theta))
    q, k = q[0, at].transpose(0, 1), k[0].transpose(0, 1).repeat_interleave(group, 0)
    scores = q @ k.transpose(1, 2) * s.head**-0.5
    hidden = mask(length)[at]
    p = (scores + hidden).softmax(-1) * (1 - uniform) + uniform * (hidden == 0) / (at + 1)[:, None]
    cos, sin = (t[at][:, None].repeat(1, s.head, 1) for t in rotation(length, s.head, base))
    spread, along = [], []
    upper = torch.triu_indices(s.head, s.head)
    own = s.heads // keys.shape[1]
    for g in range(keys.shape[1]):
        key = keys[:, g]
        heads = order[g * own : (g + 1) * own]
        pairs = key[:, upper[0]] * key[:, upper[1]]
        second = p.new_empty(own, len(at), s.head, s.head)
        second[:, :, upper[0], upper[1]] = second[:, :, upper[1], upper[0]] = p[heads] @ pairs
        mean = p[heads] @ key
        second -= mean[..., :, None] * mean[..., None, :]
        share = p[heads] * (scores[heads] - (p[heads] * scores[heads]).sum(-1, keepdim=True))
        both = torch.cat((second / s.head, (share @ key * s.head**-0.5)[..., None]), -1)
        both = turn_back(both, cos, sin)
        spread.append(turn_back(both[..., :-1].transpose(2, 3), cos, sin))
        along.append(both[..., -1])
    return torch.cat(spread), torch.cat(along)


def turn_back(t, cos, sin):
    """Rotates the rows of t [heads, N, head, columns] by the angle of -position"""
    a, b = t[:, :, ::2], t[:, :, 1::2]
    cos, sin = cos[:, 0, :, None], sin[:, 0, :, None]
    return torch.stack((a * cos + b * sin, b * cos - a * sin), 3).view(t.shape)


def fit_query(n, spread, along, near, steps=20, strength=1e-2):
    """Conjugate gradients for W [head, dim] with sum of (W n)' G (W n) - 2 g' W n least, near the old W"""
    bound = strength * spread.diagonal(dim1=1, dim2=2).mean() * n.pow(2).mean()
    count = len(n)

    def applied(w):
        u = (spread @ (n @ w.t())[..., None])[..., 0]
        return u.t() @ n / count + bound * w

    w = near.clone()
    left = along.t() @ n / count + bound * near - applied(w)
    direction, size = left.clone(), left.pow(2).sum()
    enough = 1e-12 * size
    for _ in range(steps):
        if size <= enough:
            break
        moved = applied(direction)
        step = size / (direction * moved).sum()
        w, left = w + step * direction, left - step * moved
        before, size = size, left.pow(2).sum()
        direction = left + size / before * direction
    return w


@torch.no_grad()
def fit_upper(teacher, student, y, streams, log, queries=256, seed=3):
    """Layer by layer: q on the teacher's scores, `o` on its stream, `down` on its stream before the next kept layer"""
    s, hidden = teacher.shape, mask(y.shape[1])
    keys, values = by_rows(student.shared, y)
    generator = torch.Generator().manual_seed(seed)
    for number, (x, a, after) in enumerate(streams):
        layer, old = student.split + number, student.origin[student.split + number]
        n = rms(y, student.of(layer, "attn_norm"), s.eps)
        at = [torch.randperm(y.shape[1] - 1, generator=generator)[:queries] + 1 for _ in range(len(y))]
        found = [moments(teacher, old, x[r], keys[r], at[r], student.base, student.order[number]) for r in range(len(y))]
        seen = torch.cat([n[r, at[r]] for r in range(len(y))])
        near = student.of(layer, "q").view(s.heads, s.head, s.dim)
        student.tensors[f"layers.{layer}.q"] = torch.cat(
            [fit_query(seen, torch.cat([f[0][h] for f in found]), torch.cat([f[1][h] for f in found]), near[h]) for h in range(s.heads)]
        )
        del found
        z = by_rows(lambda r, k, v: attend(student.query(layer, r), k, v, hidden), y, keys, values)
        student.tensors[f"layers.{layer}.o"] = ridge(flat(z), flat(x + a - y), 1e-2, student.of(layer, "o"), fair(x + a))
        y = y + F.linear(z, student.of(layer, "o"))
        error = left_over(y, x + a)
        y = fit_down(student, layer, y, after, 3e-2)
        log(f"upper {layer} (was {old}): error behind attention {error:.3f}, of the stream {left_over(y, after):.3f}")


def naive_cache(teacher, student, how):
    """The starts that the closed form is measured against: the shared K/V of the "first" kept upper layer, or the "mean\""""
    kept = student.origin[student.split :]
    student.tensors["kv_norm"] = teacher.of(kept[0], "attn_norm")
    for name in "kv":
        every = torch.stack([teacher.of(old, name) for old in (kept[:1] if how == "first" else kept)])
        student.tensors[name] = every.mean(0)


def closed_form(teacher, ids, split, upper, window, base, log=print, hidden=None, keys=None, mass=None):
    """ids [R, T], rows of the prompt's form; `hidden`: units of each feed-forward network, all without it; `keys` as the Student has
    them, with the map of heads (`mass` [layers, heads]) -> Student"""
    student = Student(teacher, split, upper, window, base, hidden, keys)
    x, y = fit_lower(teacher, student, ids, log)
    streams = upper_streams(teacher, student, x)
    n = rms(y, student.tensors["kv_norm"], teacher.shape.eps)
    weight = torch.ones(n.shape[:2])
    weight[:, 0] = FIRST_SHARE * n.shape[1]
    n, weight = n.flatten(0, 1), weight.flatten()
    student.tensors["k"] = chosen_keys(teacher, student, n, weight, streams, mass) if keys else fit_keys(teacher, student, n, weight, streams)
    student.tensors["v"] = fit_values(teacher, student, n, weight, streams)
    log("shared K/V made")
    fit_upper(teacher, student, y, streams, log)
    return student
