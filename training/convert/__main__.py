#!/usr/bin/python3
"""A pretrained Llama-like Transformer becomes a YOCO, in closed form, or with --open a reader with open windows (training/open_window.py):

    python3 training/convert SOURCE DATA TOK [--tokens 16384]          the smaller vocabulary: TOK/tokenizer.json
    node training/prepare.mjs DATA TOK OUT                             documents and questions cut by it
    python3 training/convert SOURCE OUT TOK RUN [--self 8 --cross 8]   the start: RUN/params.json, model.safetensors, report.txt
    python3 training/train.py --data OUT --tokenizer TOK --from RUN ... as training/README.md has it
    python3 training/convert/export_fla.py RUN/state.pt TOK MODEL      what the engine loads

SOURCE is a GGUF file or a folder of the transformers library (config.json, *.safetensors, tokenizer.json).
"""
import argparse
import json
import lzma
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.dirname(HERE)]

import torch

from folders import expect, in_words
from source import read_source


def texts(folder):
    """Paragraphs and questions of the training files, for the counts"""
    expect(folder, "text_train.txt.xz", "qa_train.jsonl.xz", made="holds what the model's card names")
    with lzma.open(f"{folder}/text_train.txt.xz", "rt", encoding="utf-8") as file:
        yield from (line.rstrip("\n") for line in file if line != "<|endoftext|>\n")
    with lzma.open(f"{folder}/qa_train.jsonl.xz", "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            yield row["question"]
            yield from (" " + answer for answer in row["answers"])


def smaller_vocabulary(source, data, folder, size, say):
    from prune_tokens import chosen, counted, longer, write_tokenizer

    counts = counted(source, texts(data))
    entries, merges = chosen(source, counts, size)
    os.makedirs(folder, exist_ok=True)
    write_tokenizer(folder, entries, merges, 8192)
    say(f"gate D: {len(entries)} of {len(source.entries)} entries, {longer(source, folder, texts(data)):.2%} more tokens (at most 10%)")


def calibration(corpus, rows, length, mixture="copy"):
    """Ids of samples that are filled to the end: padding would be learned. Every second row begins within its sample: whatever token a
    text is begun afresh with becomes the sink that the first token is."""
    from samples import MIXTURES, sample

    found, number = [], 0
    while len(found) < rows:
        r = random.Random(f"calibration {number}")
        ids = sample(corpus, r, length * 5 // 4, MIXTURES[mixture])[0]
        begin = r.randrange(length // 4) if len(found) % 2 else 0
        ids = ids[begin : begin + length]
        number += 1
        if 0 not in ids:
            found.append(ids)
    return torch.tensor(found)


def prompts(corpus, count, length):
    """Samples with the places their answers are copied from, for the map of heads"""
    from samples import sample

    found = []
    for number in range(count):
        ids, _, _, _, _, pointed = sample(corpus, random.Random(f"map {number}"), length)
        found.append((ids, [(at, columns) for at, columns in enumerate(pointed) if columns]))
    return found


def start(source, data, tokenizer, out, args, say):
    from corpus import Corpus
    from fit import closed_form, refuse_width
    from fit_cache import refuse_keys
    from llama import Llama
    from map_heads import head_map, influence, split_for, upper_layers
    from prune_tokens import with_entries
    from tokens import Bpe
    from yoco_form import params_of, refuse_other, state_of

    refuse_other(source)
    refuse_width(args.hidden, source.shape.hidden)
    bpe = Bpe(f"{tokenizer}/tokenizer.json")
    with_entries(source, bpe)
    corpus, teacher = Corpus(data, bpe), Llama(source)
    mass, count = head_map(teacher, prompts(corpus, args.prompts, args.length), args.far)
    strongest = mass.max(1).values
    say("gate D2: strongest head by layer: " + " ".join(f"{i}:{m:.2f}" for i, m in enumerate(strongest.tolist())) + f" ({count} tokens)")
    split = args.self or split_for(mass)
    if strongest[:split].max() >= 0.3:
        say(f"gate D2 fails: a retrieval head lies below the split at {split}; what it fetches will not come back by training")
    ids = calibration(corpus, args.rows, args.length)
    upper = args.upper or upper_layers(mass, influence(teacher, ids[:4]), split, args.cross)
    refuse_keys(args.keys, source.shape, upper)
    say(f"self-decoder: layers 0 to {split - 1}; cross-decoder: layers {', '.join(map(str, upper))}")
    student = closed_form(teacher, ids, split, upper, args.window, args.base, say, args.hidden, args.keys, mass)
    say(f"{write(params_of(student), state_of(student), out)} million weights")


def told_samples(corpus, count, length):
    """Samples for the choice of heads: (ids [T], where the conversation begins, places whose next tokens are an answer's)"""
    from samples import MIXTURES, sample
    from tokens import CONTROL

    found, number = [], 0
    while len(found) < count:
        ids, _, _, _, weights, _ = sample(corpus, random.Random(f"open {number}"), length, MIXTURES["source"])
        number += 1
        at = [i for i, weight in enumerate(weights) if weight == 1]
        if at and CONTROL["enddoc"] in ids:
            found.append((torch.tensor([i for i in ids if i != CONTROL["pad"]]), ids.index(CONTROL["enddoc"]), torch.tensor(at)))
    return found


def open_start(source, data, tokenizer, out, args, say):
    """The source, smaller where that is asked for, with a window and the heads open that answers need most"""
    from corpus import Corpus
    from fit import refuse_width
    from llama import Llama
    from narrow import narrowed, refuse_left_out
    from open_heads import chosen_heads, params_of_open, refuse_opened, state_of_open, worth
    from prune_tokens import with_entries
    from tokens import Bpe

    refuse_opened(args.open, source.shape)
    refuse_width(args.hidden, source.shape.hidden)
    refuse_left_out(args.left_out, source.shape.layers)
    params_of_open(source, [], args.window, args.distance)
    bpe = Bpe(f"{tokenizer}/tokenizer.json")
    with_entries(source, bpe)
    corpus = Corpus(data, bpe)
    worths = worth(Llama(source), told_samples(corpus, args.prompts, args.length // 2), args.window)
    worths[list(args.left_out)] = 0
    opened = chosen_heads(worths, args.open)
    say(f"open heads carry {sum(worths[layer, g].item() for layer, g in opened):.2f} of {worths.sum().item():.2f} nats: " + " ".join(f"{layer}.{g}:{worths[layer, g]:.2f}" for layer, g in opened))
    ids = calibration(corpus, args.rows, args.length, "source")
    if args.hidden or args.left_out:
        source = narrowed(source, ids, args.hidden, args.left_out, say)
    kept = [layer for layer in range(len(worths)) if layer not in args.left_out]
    # Rows that begin with the first token, as every text does.
    params = params_of_open(source, [[kept.index(layer), g] for layer, g in opened], args.window, args.distance)
    state = state_of_open(source, ids[::2][:8])
    say(f"{write({**params, **({'left_out': sorted(args.left_out)} if args.left_out else {})}, state, out)} million weights")


def write(params, state, out):
    """params.json and model.safetensors -> how many weights, in millions"""
    from export import save_model
    from shapes import build

    model = build(params)
    model.load_state_dict(state)
    save_model(model, out)
    return f"{sum(w.numel() for w in model.parameters()) / 1e6:.1f}"


def as_it_is(source, tokenizer, out, say):
    """The source as a Transformer that train.py trains"""
    from own_source import params_of_source, state_of_source
    from prune_tokens import with_entries
    from tokens import Bpe

    with_entries(source, Bpe(f"{tokenizer}/tokenizer.json"))
    say(f"{write(params_of_source(source), state_of_source(source), out)} million weights, as they are")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("source")
    p.add_argument("data", help="the training files, or what prepare.mjs made of them")
    p.add_argument("tokenizer")
    p.add_argument("out", nargs="?")
    p.add_argument("--sha256", help="of the GGUF file")
    p.add_argument("--tokens", type=int, default=16384)
    p.add_argument("--as-it-is", action="store_true", help="RUN becomes the source as a Transformer, to be trained before it is converted")
    p.add_argument("--open", type=int, help="RUN becomes the source with a --window and so many K/V heads open, instead of a YOCO")
    p.add_argument("--left-out", type=lambda s: [int(x) for x in s.split(",")], default=[], help="layers that it does without, by the source's numbers")
    p.add_argument("--distance", type=int, default=128, help="tokens that everything is away from an open head")
    p.add_argument("--self", type=int, help="layers of the self-decoder; without it up to the first retrieval head, 6 to 10")
    p.add_argument("--cross", type=int, default=8, help="layers of the cross-decoder")
    p.add_argument("--upper", type=lambda s: [int(x) for x in s.split(",")], help="which ones, by the source's numbers")
    p.add_argument("--hidden", type=int, help="units of each feed-forward network that are kept, a multiple of 32; all without it")
    p.add_argument(
        "--keys", type=lambda s: [tuple(map(int, x.split("."))) for x in s.split(",")],
        help="LAYER.HEAD,... of the source: whose keys the K/V heads of the cache have. Without it as many as the source has, made of all upper layers'",
    )  # fmt: skip
    p.add_argument("--window", type=int, default=256)
    p.add_argument("--base", type=float, default=5e6, help="of the cross-decoder's rotation")
    p.add_argument("--rows", type=int, default=32, help="of calibration")
    p.add_argument("--length", type=int, default=1024)
    p.add_argument("--prompts", type=int, default=32, help="for the map of heads")
    p.add_argument("--far", type=int, default=300, help="tokens between an answer and its place, for the map")
    args = p.parse_args()
    torch.manual_seed(1)
    report = []

    def say(line):
        print(line, flush=True)
        report.append(line)

    with in_words():
        source = read_source(args.source, args.sha256)
        if args.out is None:
            smaller_vocabulary(source, args.data, args.tokenizer, args.tokens, say)
            return
        os.makedirs(args.out, exist_ok=True)
        if args.as_it_is:
            return as_it_is(source, args.tokenizer, args.out, say)
        make = open_start if args.open else start
        make(source, args.data, args.tokenizer, args.out, args, say)
    with open(f"{args.out}/report.txt", "w") as file:
        file.write("\n".join(report) + "\n")


if __name__ == "__main__":
    main()
