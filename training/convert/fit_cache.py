"""The shared K/V of the cross-decoder, in closed form: its values, and its keys in either of two ways."""
import torch

from llama import rms
from regression import ridge
from source import Refused


def fit_values(teacher, student, n, weight, streams):
    """Values are not turned, so any basis serves: the directions that most of all upper layers' values lie in, each as
    strong as its own `o` makes it"""
    s, rows = teacher.shape, []
    group = s.heads // s.kv_heads
    each = [
        teacher.project(old, "v", rms(x, teacher.of(old, "attn_norm"), s.eps), s.kv_heads).flatten(0, 1)
        for old, (x, *_) in zip(student.origin[student.split :], streams)
    ]
    for g in range(student.kv):
        wanted, sizes = [], []
        for number, old in enumerate(student.origin[student.split :]):
            heads = student.readers(number, g)
            for owner in sorted({h // group for h in heads}):
                v = each[number][:, owner]
                o = teacher.of(old, "o").view(s.dim, s.heads, s.head)[:, [h for h in heads if h // group == owner]]
                values, vectors = torch.linalg.eigh(torch.einsum("dhs,dht->st", o, o).double())
                wanted.append(v @ (vectors * values.clamp(min=0).sqrt() @ vectors.t()).float())
                sizes.append(v.pow(2).mean())
        linear = ridge(n, torch.cat(wanted, 1), 1e-3, weight=weight)
        found = n @ linear.t()
        directions = torch.linalg.eigh((found.t() @ (found * weight[:, None])).double())[1][:, -s.head :].t().float()
        row = directions @ linear
        rows.append(row * (torch.stack(sizes).mean().sqrt() / (n @ row.t()).pow(2).mean().sqrt()))
    return torch.cat(rows)


def fit_keys(teacher, student, n, weight, streams):
    """The rotation lets through what commutes with it: one complex number per pair and layer. Of each pair, the direction
    over layers that most of all keys lie in, each layer weighing as much as its queries are large."""
    s, rows = teacher.shape, torch.empty(teacher.shape.kv_heads, teacher.shape.head, teacher.shape.dim)
    group, layers = s.heads // s.kv_heads, len(streams)
    keys, sizes = [], []
    for old, (x, *_) in zip(student.origin[student.split :], streams):
        m = rms(x, teacher.of(old, "attn_norm"), s.eps)
        keys.append(teacher.project(old, "k", m, s.kv_heads).flatten(0, 1))
        sizes.append(teacher.project(old, "q", m, s.heads).flatten(0, 1).view(-1, s.kv_heads, group, s.head // 2, 2).pow(2).mean((0, 2, 4)).sqrt())
    for g in range(s.kv_heads):
        wanted = torch.stack([k[:, g] for k in keys], 1)
        linear = ridge(n, wanted.flatten(1), 1e-3, weight=weight)
        found = torch.view_as_complex((n @ linear.t()).view(-1, layers, s.head // 2, 2))
        linear = linear.view(layers, s.head // 2, 2, s.dim)
        for pair in range(s.head // 2):
            strength = torch.stack([size[g, pair] for size in sizes])
            z = found[:, :, pair] * strength
            vector = torch.linalg.eigh((z.conj() * weight[:, None]).t() @ z)[1][:, -1]
            # sum over layers of z_j u_j, as two rows of the key's matrix
            real, imaginary = (vector.real * strength)[:, None], (vector.imag * strength)[:, None]
            a, b = linear[:, pair, 0], linear[:, pair, 1]
            row = torch.stack(((real * a - imaginary * b).sum(0), (imaginary * a + real * b).sum(0)))
            size = wanted[:, :, 2 * pair : 2 * pair + 2].pow(2).mean().sqrt()
            rows[g, 2 * pair : 2 * pair + 2] = row * (size / (n @ row.t()).pow(2).mean().sqrt())
    return rows.flatten(0, 1)


def refuse_keys(keys, shape, upper):
    """`keys`: (layer, K/V head) of the source for each K/V head of the cache, None for as many as the source has. Raises Refused."""
    if keys is None:
        return
    if shape.heads % len(keys):
        raise Refused(f"--keys names {len(keys)} K/V heads, expected a divisor of {shape.heads}: so many query heads share them.")
    for layer, g in keys:
        if layer not in upper or not 0 <= g < shape.kv_heads:
            raise Refused(
                f"--keys names {layer}.{g}, expected a layer of the cross-decoder ({', '.join(map(str, upper))}) and one of its K/V heads, 0 to {shape.kv_heads - 1}."
            )


def pairs(x, heads, head):
    """[B, T, heads x head] -> [N, heads, head / 2] complex, without their mean: what all positions have in common chooses none"""
    z = torch.view_as_complex(x.reshape(-1, heads, head // 2, 2).float().contiguous())
    return z - z.mean(0)


def likeness(made, keys, strength):
    """How much of a layer's keys [N, K/V heads, pairs] the keys of the cache [N, K/V heads of the cache, pairs] hold, when each pair may be
    turned and stretched; pairs count as much as the queries (`strength` [heads, pairs], mean square) read them -> [heads, K/V heads of the cache]"""
    power = keys.abs().pow(2).mean(0)
    both = (torch.einsum("nip,ngp->gip", made.conj(), keys) / len(keys)).abs().pow(2)
    share = both / (made.abs().pow(2).mean(0) * power[:, None])
    group = len(strength) // keys.shape[1]
    weight = strength * power.repeat_interleave(group, 0)
    return (share.repeat_interleave(group, 0) * weight[:, None]).sum(-1) / weight.sum(-1, keepdim=True)


def ordered(fit, mass):
    """Each head takes the free place whose key is most like its own: those that fetch (`mass` [heads]) choose first
    -> by place the head, `fit` [heads, K/V heads of the cache]"""
    heads, kv = fit.shape
    order, free = [None] * heads, list(range(heads))
    for h in sorted(range(heads), key=lambda h: (-round(float(mass[h]), 2), -float(fit[h].max()))):
        place = max(free, key=lambda i: float(fit[h, i // (heads // kv)]))
        order[place] = h
        free.remove(place)
    return order


def chosen_keys(teacher, student, n, weight, streams, mass):
    """Each K/V head of the cache has the key of one K/V head of the source (`student.keys`), fitted linearly; the heads of every upper
    layer are put in the order in which they can use them best. `mass` [layers, heads] as map_heads.py has it -> rows of k"""
    s, kept = teacher.shape, student.origin[student.split :]
    normed = {old: rms(x, teacher.of(old, "attn_norm"), s.eps) for old, (x, *_) in zip(kept, streams)}
    keys = {old: teacher.project(old, "k", m, s.kv_heads).flatten(0, 1) for old, m in normed.items()}
    rows = ridge(n, torch.cat([keys[layer][:, g] for layer, g in student.keys], 1), 1e-3, weight=weight)
    made = pairs(n @ rows.t(), student.kv, s.head)
    for number, old in enumerate(kept):
        strength = teacher.project(old, "q", normed[old], s.heads).reshape(-1, s.heads, s.head // 2, 2).pow(2).mean((0, 3))
        student.reorder(number, ordered(likeness(made, pairs(keys[old], s.kv_heads, s.head), strength), mass[old]))
    return rows
