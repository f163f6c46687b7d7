"""Which heads of a Transformer need the whole document to answer about it, and what the first token is to every head: the start of an OpenWindow.

A head may see all that was read (share 1) or its window alone (share 0) while questions are answered; the loss of answers is differentiated by every K/V head's share,
on the way from 0 to 1 of all of them (integrated gradients: Sundararajan et al. 2017, arXiv 1703.01365). Few heads carry nearly all of it.
"""
import torch
import torch.nn.functional as F

from llama import HIDDEN, Llama, mask, rms, rotation
from own_source import params_of_source, state_of_source
from source import Refused
from yoco_form import refuse_other

PARTS = 5


def refuse_opened(count, shape):
    """Raises Refused."""
    if not 0 < count <= shape.layers * shape.kv_heads:
        raise Refused(f"--open is {count}, expected 1 to {shape.layers * shape.kv_heads}: so many K/V heads has the source.")


def answered(teacher, ids, told, share, window):
    """Stream behind the last layer [T, dim] of ids [T] where tokens from `told` on see the text before them by `share` [layers, kv heads] of their heads"""
    s, length = teacher.shape, len(ids)
    group, turn, at = s.heads // s.kv_heads, rotation(length, s.head, s.theta), torch.arange(length)
    apart = at[:, None] - at[None]
    is_told = at >= told
    near = (apart >= 0) & (((apart < window) & (is_told[:, None] == is_told[None])) | (at == 0))
    whole = torch.where(is_told[:, None], apart >= 0, near)
    x = teacher.embed(ids[None])
    for layer in range(s.layers):
        q, k, v = (t[0].transpose(0, 1) for t in teacher.qkv(layer, rms(x, teacher.of(layer, "attn_norm"), s.eps), *turn))
        scores = (q.reshape(s.kv_heads, -1, s.head) @ k.transpose(1, 2) * s.head**-0.5).view(s.kv_heads, group, length, length)
        mixed = [(scores + torch.where(mask, 0.0, HIDDEN)).softmax(-1) for mask in (whole, near)]
        own = share[layer].view(-1, 1, 1, 1)
        z = ((own * mixed[0] + (1 - own) * mixed[1]).view(s.kv_heads, -1, length) @ v).view(s.heads, length, s.head)
        x = x + F.linear(z.transpose(0, 1).reshape(1, length, -1), teacher.of(layer, "o"))
        x = x + teacher.feed(layer, x)
    return x[0]


def worth(teacher, samples, window):
    """samples: (ids [T], told, places whose next tokens are an answer's) -> nats of an answer's token that every K/V head saves by seeing the whole text [layers, kv heads]"""
    s = teacher.shape
    total = torch.zeros(s.layers, s.kv_heads)
    for ids, told, at in samples:
        for part in range(PARTS):
            share = torch.full_like(total, (part + 0.5) / PARTS, requires_grad=True)
            logits = teacher.head(answered(teacher, ids, told, share, window)[at][None])[0]
            total -= torch.autograd.grad(F.cross_entropy(logits, ids[at + 1]), share)[0]
    return total / (len(samples) * PARTS)


def chosen_heads(worths, count):
    """-> [[layer, K/V head], ...], `count` of them in order"""
    kv = worths.shape[1]
    return sorted([i // kv, i % kv] for i in worths.flatten().topk(count).indices.tolist())


@torch.no_grad()
def sinks(teacher, ids):
    """Of every layer: a head's score of the first token on average [heads], that token's values [kv heads x head]; ids [R, T] begin with it"""
    s, turn = teacher.shape, rotation(ids.shape[1], teacher.shape.head, teacher.shape.theta)
    hidden, x, found = mask(ids.shape[1]), teacher.embed(ids), []
    for layer in range(s.layers):
        q, k, v = teacher.qkv(layer, rms(x, teacher.of(layer, "attn_norm"), s.eps), *turn)
        first = k[:, :1].repeat_interleave(s.heads // s.kv_heads, 2)
        found.append(((q[:, 1:] * first).sum(-1).mean((0, 1)) * s.head**-0.5, v[0, 0].flatten()))
        x = teacher.layer(layer, x, *turn, hidden)[0]
    return found


def params_of_open(source, opened, window, distance):
    """Keys of params.json. Raises Refused."""
    refuse_other(source)
    if "layers.0.q_bias" in source.tensors:
        raise Refused(f"A {source.family} model has biases of q, k and v, which open windows do not run yet. Choose a llama model.")
    params = {key: value for key, value in params_of_source(source).items() if key not in ("transformer", "rope_exponents")}
    return {**params, "open_window": True, "sliding_window": window, "open_heads": opened, "open_distance": distance}


def state_of_open(source, ids):
    """-> state dict of OpenWindow; ids as `sinks` takes them"""
    state = state_of_source(source)
    for layer, (sink, values) in enumerate(sinks(Llama(source), ids)):
        state[f"layers.{layer}.mixer.sink"], state[f"layers.{layer}.mixer.sink_values"] = sink, values
    return state
