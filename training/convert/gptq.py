#!/usr/bin/python3
"""The matrices of a converted model on the grids of 4 bits that ship, so that each rounding error is taken over by what comes behind it:

    python3 training/convert/gptq.py --data OUT --tokenizer TOK --from RUN --to ROUNDED [--half self|cross]

Within a matrix by the columns behind a column (Frantar et al. 2022, arXiv 2210.17323), from layer to layer by `o` and `down`, which are fitted to
the exact model's stream before they are rounded. The embedding is rounded to the nearest. RUN is a folder with params.json and model.safetensors of a
YOCO or of a model with open windows; ROUNDED has state.pt, which export_fla.py takes, and the model again for training on.
"""
import argparse
import os
import random
import sys

import torch
import torch.nn.functional as F

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

from corpus import Corpus
from export import load_model, save_model
from folders import in_words
from kept_streams import read_rows, together
from model import angles
from regression import by_rows, left_over, ridge
from rounding import coding, on_grid
from samples import MIXTURES, sample
from shapes import build
from source import Refused
from train import params_for, prepared

# The first token's stream, a hundred times as large as others, is where attention rests: lost, every token behind it is (error of the stream 0.3 instead of 0.02).
FIRST_COUNTS = 10.0
NEAR = 1e-2


@torch.no_grad()
def gptq(w, gram, block, bits=4, damp=0.01):
    """w [out, in], gram [in, in] the sum of x x^T over its inputs -> w on the grids of `block` inputs, whose ends are both met: the weights
    that ship are rounded again, and find the same grids"""
    w, gram = w.clone(), gram.double()
    gram.diagonal().add_(damp * gram.diagonal().mean())
    inverse = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(gram)), upper=True).float()
    rows, most, made = torch.arange(len(w)), 2**bits - 1, torch.empty_like(w)
    for begin in range(0, w.shape[1], block):
        end = min(begin + block, w.shape[1])
        part, low = w[:, begin:end].clone(), w[:, begin:end].amin(1)
        scale = ((w[:, begin:end].amax(1) - low) / most).half().float().clamp(min=2**-24)
        low = low.half().float()
        codes, errors = torch.empty_like(part), torch.empty_like(part)
        for i in range(end - begin):
            codes[:, i] = ((part[:, i] - low) / scale).round().clamp(0, most)
            errors[:, i] = (part[:, i] - codes[:, i] * scale - low) / inverse[begin + i, begin + i]
            part[:, i + 1 :] -= errors[:, i : i + 1] * inverse[begin + i, begin + i + 1 : end]
        codes[rows, codes.argmin(1)], codes[rows, codes.argmax(1)] = 0.0, float(most)
        made[:, begin:end] = codes * scale[:, None] + low[:, None]
        w[:, end:] -= errors @ inverse[begin:end, end:]
    return made


def gram_of(x, weight):
    """x [B, T, in], weight [B, T] -> sum of weight x x^T"""
    x = x.flatten(0, 1)
    return (x * weight.flatten()[:, None]).t() @ x


def fitted(linear, x, wanted, weight):
    """`linear` becomes what makes of x most of `wanted`, on its grid -> what is made of x"""
    flat = (t.flatten(0, -2) for t in (x, wanted))
    near = ridge(*flat, NEAR, linear.weight.data, weight.flatten())
    linear.weight.data = gptq(near, gram_of(x, weight), 64)
    return linear(x)


def rounded_layer(exact, layer, x, y, real, mixed, rest):
    """One layer of either half is rounded in place. x, y [B, T, dim]: the streams of the exact and of the rounded model before it; real [B, T]:
    weights of the tokens; `mixed(layer, n, *rest)`: the heads' outputs side by side; rest: [B, ...] each -> both streams behind it"""

    def fair(t):
        return real / t.pow(2).mean(-1)

    n = layer.mixer_layer_norm(y)
    gram = gram_of(n, real)
    for name in ("q_proj", "k_proj", "v_proj"):
        if hasattr(layer.mixer, name):
            linear = getattr(layer.mixer, name)
            linear.weight.data = gptq(linear.weight.data, gram, 64)
    z = by_rows(lambda *t: mixed(layer, *t), n, *rest)
    x = x + exact.mixer.out_proj(by_rows(lambda *t: mixed(exact, *t), exact.mixer_layer_norm(x), *rest))
    y = y + fitted(layer.mixer.out_proj, z, x - y, fair(x))
    n = layer.final_layer_norm(y)
    gram = gram_of(n, real)
    for linear in (layer.ffn.fc1, layer.ffn.gate):
        linear.weight.data = gptq(linear.weight.data, gram, 64)
    inner = by_rows(lambda t: F.silu(layer.ffn.fc1(t)) * layer.ffn.gate(t), n)
    x = x + by_rows(exact.ffn, exact.final_layer_norm(x))
    return x, y + fitted(layer.ffn.fc2, inner, x - y, fair(x))


def rounded_layers(part, exact, layers, x, y, real, mixed, rest, say):
    """`layers` one after the other, in place; `part`: what they are called before their numbers"""
    for number, (one, layer) in enumerate(zip(exact, layers)):
        x, y = rounded_layer(one, layer, x, y, real, mixed, rest)
        say(f"{part}layer {number}: error of the stream {left_over(y, x):.4f}")


def heads_of(layer, *inputs):
    """What `layer`'s attention hands to its out_proj"""
    caught = []
    hook = layer.mixer.out_proj.register_forward_pre_hook(lambda _, given: caught.append(given[0]))
    layer.mixer(*inputs)
    hook.remove()
    return caught[0]


@torch.no_grad()
def round_self(exact, model, ids, say):
    """Embedding and self-decoder of `model`, which is a copy of `exact`, in place; ids [B, T] without jumps"""
    p = model.params
    head = p["dim"] // p["n_self_heads"]
    model.embed_tokens.weight.data = on_grid(model.embed_tokens.weight.data, *coding("embed_tokens"))
    turn = angles(torch.arange(ids.shape[1])[None].expand(len(ids), -1), head, p["rope_theta"], p.get("rope_exponents", "yoco"))
    real = (ids != 0).float()
    real[:, 0] = FIRST_COUNTS

    def mixed(layer, n, cos, sin, segments):
        return heads_of(layer, n, (cos, sin), model.mixer.context(segments, p, n.dtype))

    x, y = exact.embed(ids)[0], model.embed(ids)[0]
    rounded_layers("self-decoder, ", exact.self_decoder.layers, model.self_decoder.layers, x, y, real, mixed, (*turn, torch.zeros_like(ids)), say)


@torch.no_grad()
def round_cross(exact, model, rows, say):
    """Shared K/V and cross-decoder of `model` in place; both halves read what the self-decoder of `model` makes. rows: a Row of kept_streams.py"""
    p = model.params
    for linear, name in ((model.cross_decoder.k_proj, "cross_decoder.k_proj"), (model.cross_decoder.v_proj, "cross_decoder.v_proj")):
        linear.weight.data = on_grid(linear.weight.data, *coding(name))
    x = rows.stream.gather(1, rows.at[..., None].expand(-1, -1, p["dim"]))
    real = (rows.weight > 0).float()
    keys, values, turn, mask = exact.cache(rows.stream, rows.positions, rows.at)
    rounded_keys, rounded_values, *_ = model.cache(rows.stream, rows.positions, rows.at)
    ours = set(model.cross_decoder.layers)

    def mixed(layer, n, cos, sin, hidden, *caches):
        k, v = caches[2:] if layer in ours else caches[:2]
        return heads_of(layer, n, (cos, sin), k, v, hidden, None, [])

    rest = (*turn, mask, keys, values, rounded_keys, rounded_values)
    rounded_layers("cross-decoder, ", exact.cross_decoder.layers, model.cross_decoder.layers, x, x, real, mixed, rest, say)


@torch.no_grad()
def round_stack(exact, model, text, say):
    """All of `model`, which has open windows, in place; text: ids, segments and positions [B, T]"""
    ids, segments, positions = text
    model.embed_tokens.weight.data = on_grid(model.embed_tokens.weight.data, *coding("embed_tokens"))
    real = (ids != 0).float()
    # No token sees it: a weight of each layer stands for it.
    real[:, 0] = 0

    def mixed(layer, n, *rows):
        return heads_of(layer, n, *model.context(*rows, n.dtype))

    x, y = exact.embed(ids)[0], model.embed(ids)[0]
    rounded_layers("", exact.layers, model.layers, x, y, real, mixed, (ids, segments, positions), say)


def round_halves(args, exact, model, corpus):
    """Of a YOCO what --half says, in place"""
    kinds = ("real", "real", "find")
    if args.half != "cross":
        made = [sample(corpus, random.Random(f"gptq {i}"), args.length, MIXTURES[kinds[i % 3]])[0] for i in range(args.rows)]
        round_self(exact, model, torch.tensor(made), print)
    if args.half != "self":
        rows = [row for i in range(args.rows) for row in read_rows(model, corpus, random.Random(f"gptq cross {i}"), kinds[i % 3], args.length, 1, 48)]
        round_cross(exact, model, together(rows), print)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "tokenizer", "to"):
        p.add_argument("--" + name, required=True)
    p.add_argument("--from", dest="begin", required=True)
    p.add_argument("--half", choices=("self", "cross"), help="one of the two alone; the other one stays as it is")
    p.add_argument("--rows", type=int, default=32, help="samples that the errors are weighed with")
    p.add_argument("--length", type=int, default=512, help="tokens of a sample; with open windows several times the window")
    p.set_defaults(workers=1, shape="window")
    args = p.parse_args()
    with in_words():
        bpe = prepared(args)
        params = params_for(args, len(bpe.ids))
        if args.half and params.get("open_window"):
            raise Refused(f"--half is {args.half}, and this model has open windows and no halves. Leave it out.")
    corpus, models = Corpus(args.data, bpe), [build(params), build(params)]
    for one in models:
        load_model(one, args.begin)
    os.makedirs(args.to, exist_ok=True)
    exact, model = models
    if params.get("open_window"):
        made = [sample(corpus, random.Random(f"gptq {i}"), args.length, MIXTURES[("among", "alike")[i % 2]])[:3] for i in range(args.rows)]
        round_stack(exact, model, [torch.tensor(one) for one in zip(*made)], print)
    else:
        round_halves(args, exact, model, corpus)
    torch.save({"model": model.state_dict(), "params": params, "step": 0, "rounded": True}, f"{args.to}/state.pt")
    save_model(model, args.to)


if __name__ == "__main__":
    main()
