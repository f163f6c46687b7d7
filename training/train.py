#!/usr/bin/python3
"""Trains within a time budget, keeps a checkpoint every few minutes and goes on from it:

    python3 training/train.py --data OUT --tokenizer TOK --to RUN --minutes 90 [--shape window] [--from MODEL]

One log line every 50 steps: loss of answers, share of answer tokens that were right, loss of document tokens, tokens per
second. Runs on one GPU or on the CPU by the same code; bf16 autocast where it is the faster one. The data order is that of
the seed and the step. --from begins with a model's weights; a RUN that has a checkpoint goes on from it. SIGTERM writes one
and ends. --workers N trains with N processes of one core each, whose gradients are averaged: on a CPU faster than one process
of N threads.

A converted model is trained on as README.md and convert/README.md have it: with its --teacher, its first layers --frozen at first, and
--steps N, because what share of a busy computer it gets is not known. The checkpoint before the last is kept too (state-before.pt).
"""
import argparse
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from contextlib import nullcontext

# Freed memory is kept: a step asks for the same large blocks again, and fresh pages cost as much as the arithmetic
# (20,000 tokens/s instead of 9,000). glibc reads this at the start only.
KEPT = {"MALLOC_MMAP_THRESHOLD_": "4000000000", "MALLOC_TRIM_THRESHOLD_": "16000000000", "MALLOC_TOP_PAD_": "268435456"}
if __name__ == "__main__" and "MALLOC_TOP_PAD_" not in os.environ:
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **KEPT})

import torch
import torch.distributed
import torch.multiprocessing
import torch.nn.functional as F

sys.path.insert(0, os.path.dirname(__file__))
from convert.distil import Refused, Teacher, divergence
from convert.rounding import rounded
from export import load_model, save_model
from corpus import Corpus
from model import self_layers
from pointing import pointing
from precision import bf16_is_faster, fast
from samples import MIXTURES, batch
from shapes import SHAPES, build
from stream_teacher import StreamTeacher, unlikeness
from tokens import CONTROL, Bpe


# Of the loss of a document's token, the part that is the divergence from a teacher. The rest is the token that came.
TAUGHT = 0.8

# In memory that forked workers share: whichever process SIGTERM reaches, all of them know. Without a lock, which a handler could wait
# for in vain.
stopped = multiprocessing.RawValue("b", 0)


def stop(*_):
    stopped.value = 1


def lengths(progress, trained):
    """Sample lengths and their shares; longer ones come in as training goes on. `trained`: the weights can copy already."""
    if trained:
        return ((512, 0.14), (1024, 0.47), (2048, 0.28), (4096, 0.07), (8192, 0.04))
    if progress < 0.25:
        return ((256, 0.5), (512, 0.4), (1024, 0.1))
    if progress < 0.6:
        return ((512, 0.4), (1024, 0.45), (2048, 0.15))
    return ((512, 0.1), (1024, 0.45), (2048, 0.3), (4096, 0.1), (8192, 0.05))


def rate_at(step, progress, falling, rising=200):
    """Share of the peak: `rising` steps up, level, and down in the last `falling` of the time, so that a run can be made longer."""
    return min(1, (step + 1) / rising) * min(1, 0.03 + 0.97 * (1 - progress) / falling)


def main():
    p = argparse.ArgumentParser()
    for name in ("data", "tokenizer", "to"):
        p.add_argument("--" + name, required=True)
    p.add_argument("--shape", default="window", choices=SHAPES)
    p.add_argument("--from", dest="begin")
    p.add_argument("--minutes", type=float, default=60)
    p.add_argument("--steps", type=int, help="instead of minutes: for runs that see the same data")
    p.add_argument("--tokens", type=int, default=4096, help="per step and worker")
    p.add_argument("--workers", type=int, default=1, help="processes, one core each (CPU)")
    p.add_argument("--document", type=float, default=1 / 16, help="share of the document's tokens that carry a loss")
    p.add_argument("--point", type=float, default=0.6, help="weight of the loss that draws attention to where the answer stands")
    p.add_argument("--between", type=float, default=0, help="the same of any one head of the cross-decoder's layers between the first and the last")
    p.add_argument("--first", type=float, default=1, help="weight of an answer's first token, which must be found; the others go on from it")
    p.add_argument("--attention", type=float, default=1, help="rate of the cross-decoder's attention, in times of --rate")
    p.add_argument("--falling", type=float, default=0.3, help="share of the time in which the rate goes down")
    p.add_argument("--seed", type=int, default=1, help="of the data: another one where training goes on with --from")
    p.add_argument("--rate", type=float, default=3e-3)
    p.add_argument("--rising", type=int, default=200, help="steps until the rate is reached")
    p.add_argument("--decay", type=float, default=0.05, help="weight decay")
    p.add_argument("--beta2", type=float, default=0.98, help="of AdamW")
    p.add_argument("--mixture", default="copy", choices=MIXTURES, help="of the samples")
    p.add_argument("--lesser", type=float, default=0.3, help="weight of a document's token, from 0 to below 1, where an answer's is 1")
    p.add_argument("--teacher", help="GGUF or folder that the model was converted from: 80%% of a document token's loss is the divergence from it")
    p.add_argument("--averaged", type=float, default=0, help="share by which an average of the weights over the steps follows them, every fifth step: what RUN/model.safetensors then holds")
    p.add_argument("--like", help="folder of a YOCO with as many layers below: the self-decoder learns its stream")
    p.add_argument("--alike", type=float, default=2.0, help="weight of that, where an answer's loss is 1")
    p.add_argument("--frozen", type=int, default=0, help="so many layers of the self-decoder, from the first, stay as they are")
    p.add_argument("--rounded", action="store_true", help="learn with the weights of 4 bits that a converted model ships with")
    p.add_argument("--longest", type=int, default=8192, help="samples at most this long: a longer one takes more memory")
    p.add_argument("--every", type=float, default=4, help="minutes between checkpoints")
    args = p.parse_args()
    try:
        run(args)
    except Refused as refusal:
        sys.exit(str(refusal))


def run(args):
    """Raises Refused before the first step where what was asked for does not fit together."""
    # Workers are forked and have it, too: all end behind the same step, and the checkpoint is written.
    signal.signal(signal.SIGTERM, stop)
    bpe = prepared(args)
    params = params_for(args, len(bpe.ids))
    if args.workers > 1:
        torch.set_num_threads(1)
    refuse_other_run(f"{args.to}/state.pt", params)
    # Here, where no other worker is in the way.
    dtype = torch.bfloat16 if bf16_is_faster() else torch.float32
    teacher = Teacher(args.teacher, bpe, device_of_all(), dtype) if args.teacher else None
    elder = StreamTeacher(args.like, params, device_of_all(), dtype) if args.like else None
    corpus = Corpus(args.data, bpe)
    os.makedirs(args.to, exist_ok=True)
    if args.workers == 1:
        return train(0, args, params, corpus, teacher, elder)
    with tempfile.TemporaryDirectory() as folder:
        # Forked, so that corpus and teacher are in memory once.
        torch.multiprocessing.start_processes(train, (args, params, corpus, teacher, elder, f"file://{folder}/meet"), args.workers, start_method="fork")


def prepared(args):
    """The tokenizer, where both folders have what is needed -> Bpe. Raises Refused."""
    for folder, name, made in (
        (args.tokenizer, "tokenizer.json", "training/train_tokenizer.py or training/convert has written"),
        (args.data, "text.bin", "training/prepare.mjs has written"),
        (args.data, "qa.jsonl", "training/prepare.mjs has written"),
    ):
        if not os.path.exists(f"{folder}/{name}"):
            raise Refused(f"{folder} has no {name}. Name the folder that {made}.")
    return Bpe(f"{args.tokenizer}/tokenizer.json")


def refuse_other_run(state, params):
    """A checkpoint of another shape cannot be gone on with. Raises Refused."""
    kept = last_kept(state, "cpu")
    found = None if kept is None else kept["params"]
    if found is not None and found != params:
        other = ", ".join(f"{key} {found.get(key)} instead of {params.get(key)}" for key in sorted({*found, *params}) if found.get(key) != params.get(key))
        raise Refused(f"{state} is of another model ({other}). Name an empty folder with --to, or the model that this run began with.")


def params_for(args, entries):
    """Keys of params.json, of --from or else of --shape; `entries`: the tokenizer's. Raises Refused."""
    if not 0 <= args.lesser < 1:
        raise Refused(f"--lesser is {args.lesser}, expected from 0 to below 1: a token of weight 1 counts as an answer's.")
    if args.workers > 1 and device_of_all() == "cuda":
        raise Refused(f"--workers is {args.workers}, and processes share no GPU. Leave it out and give larger --tokens.")
    params = {**SHAPES[args.shape], "vocab_size": entries}
    if args.begin:
        if not os.path.exists(f"{args.begin}/params.json"):
            raise Refused(f"{args.begin} has no params.json. --from takes a folder that training/convert or training has written.")
        with open(f"{args.begin}/params.json") as file:
            params = json.load(file)
        if params["vocab_size"] != entries:
            raise Refused(f"{args.begin} has {params['vocab_size']} entries and {args.tokenizer} {entries}. --tokenizer takes the folder that the model was made with.")
    layers = self_layers(params)
    if not 0 <= args.frozen <= layers:
        raise Refused(f"--frozen is {args.frozen}, expected 0 to {layers}: so many layers has the self-decoder of this model.")
    if args.frozen and not args.begin and not os.path.exists(f"{args.to}/state.pt"):
        raise Refused(f"--frozen is {args.frozen}, and a model from nothing has only random numbers to keep. Name the model to begin with: --from.")
    return params


def device_of_all():
    return "cuda" if torch.cuda.is_available() else "cpu"


def adamw(groups, args):
    """In one pass over the weights where this PyTorch can: 0.04 s a step of 64 million weights instead of 0.25
    -> the optimizer, whether it can"""
    for fused in (True, None):
        try:
            return torch.optim.AdamW(groups, lr=args.rate, betas=(0.9, args.beta2), **({"fused": True} if fused else {})), fused
        except (RuntimeError, TypeError):
            continue


def groups(model, args, undecayed=()):
    """-> the parameters that learn in groups of AdamW; `times`: rate of a group, in times of --rate; `undecayed`: names of matrices without decay"""
    parts = {"decayed": [], "plain": [], "attention": []}
    for name, w in model.named_parameters():
        if not w.requires_grad:
            continue
        of_attention = args.attention != 1 and name.startswith("cross_decoder") and ".ffn." not in name
        parts["plain" if w.dim() == 1 or name in undecayed else "attention" if of_attention else "decayed"].append(w)
    found = [{"params": ws, "weight_decay": 0.0 if kind == "plain" else args.decay, "times": args.attention if kind == "attention" else 1.0} for kind, ws in parts.items()]
    return [group for group in found if group["params"]]


def go_on(optimizer, kept, fused):
    """With what `kept` knows of each weight, where it was kept of the same groups; begun anew otherwise. Rates and the like are those of this run."""
    settings = [{k: v for k, v in group.items() if k != "params"} for group in optimizer.param_groups]
    if [len(g["params"]) for g in kept["param_groups"]] == [len(g["params"]) for g in optimizer.param_groups]:
        optimizer.load_state_dict(kept)
        for group, own in zip(optimizer.param_groups, settings):
            group.update(own, fused=fused)


def average(model, figures):
    """Gradients become their mean over the workers, and so do the figures, in one exchange; -> the figures' mean"""
    grads = [w.grad for w in model.parameters() if w.grad is not None]
    flat = torch.cat([*(g.flatten() for g in grads), figures])
    torch.distributed.all_reduce(flat)
    flat /= torch.distributed.get_world_size()
    for grad, mean in zip(grads, flat[: -len(figures)].split([g.numel() for g in grads])):
        grad.copy_(mean.view_as(grad))
    return flat[-len(figures) :]


def train(worker, args, params, corpus, teacher, elder, meeting=None):
    """One worker of `args.workers` trains a model of `params`; the first one keeps time, checkpoints and the log."""
    if meeting:
        torch.distributed.init_process_group("gloo", init_method=meeting, rank=worker, world_size=args.workers)
    device = device_of_all()
    torch.manual_seed(1)
    model = build(params)
    if args.begin:
        load_model(model, args.begin)
    model.to(device).train()
    if args.frozen:
        model.freeze(args.frozen)
    optimizer, fused = adamw(groups(model, args), args)
    point = args.point > 0 and "transformer" not in params
    state = f"{args.to}/state.pt"
    step, spent, seen = 0, 0.0, 0
    if (kept := last_kept(state, device)) is not None:
        model.load_state_dict(kept["model"])
        go_on(optimizer, kept["optimizer"], fused)
        step, spent, seen = kept["step"], kept["spent"], kept.get("tokens", 0)
    average_of = [w.detach().clone() for w in model.parameters()] if args.averaged and not worker else []
    if average_of and kept is not None and "averaged" in kept:
        for mean, w in zip(average_of, kept["averaged"]):
            mean.copy_(w)
    begun, saved = time.time() - spent, time.time()
    sums, log = torch.zeros(10), open(f"{args.to}/log.txt", "a")
    since = time.time()

    def how():
        return {"step": step, "spent": time.time() - begun, "tokens": seen, "rounded": args.rounded, **({"averaged": average_of} if average_of else {})}

    while True:
        clock = torch.tensor([time.time() - begun, stopped.value], dtype=torch.float64)
        if meeting:
            torch.distributed.broadcast(clock, 0)
        now, is_over = clock.tolist()
        progress = step / args.steps if args.steps else now / (args.minutes * 60)
        if progress >= 1 or is_over:
            break
        rate = args.rate * rate_at(step, progress, args.falling, args.rising)
        for group in optimizer.param_groups:
            group["lr"] = rate * group["times"]
        choices = [c for c in MIXTURES[args.mixture].lengths or lengths(progress, args.begin is not None) if c[0] <= args.longest]
        # One length for all workers, so that none waits.
        length = random.Random(f"{args.seed} {step}").choices([c[0] for c in choices], [c[1] for c in choices])[0]
        r = random.Random(f"{args.seed} {step} {worker}")
        rows = max(1, args.tokens // length)
        ids, segments, positions, at, wanted, weight, pointed = (
            torch.from_numpy(t).to(device) for t in batch(corpus, r, length, rows, int(length * args.document), MIXTURES[args.mixture], args.lesser)
        )
        with rounded(model) if args.rounded else nullcontext():
            found, missed = [], torch.zeros(0)
            with fast(device):
                if point or elder:
                    own = list(model.streams(ids, segments, positions))
                    x, found = model.looked_up(own[-1], positions, at, pointed if point else None, every=args.between > 0)
                    logits = model.logits(x)
                else:
                    logits = model(ids, segments, positions, at)
            each = F.cross_entropy(logits.float().flatten(0, 1), wanted.flatten(), reduction="none", ignore_index=-100)
            answers = weight.flatten() == 1
            others = (weight.flatten() > 0) & ~answers
            learned = each
            if teacher is not None:
                with fast(device):
                    said = teacher.log_probabilities(ids, at).flatten(0, 1)
                apart = divergence(said[others], logits.flatten(0, 1)[others])
                learned = each.masked_scatter(others, TAUGHT * apart + (1 - TAUGHT) * each[others])
            first = (weight == 1) & (ids.gather(1, at) == CONTROL["assistant"])
            stress = torch.where(first, args.first, 1.0)
            counted = (weight * stress).flatten()
            loss = (learned * counted).sum() / counted.sum()
            if point:
                drawn, missed = pointing(found, pointed, stress, args.point, args.between)
                loss = loss + drawn
            unlike = torch.zeros(())
            if elder:
                with fast(device):
                    drawn, unlike = unlikeness(own, elder.streams(ids, segments, positions), ids != CONTROL["pad"])
                loss = loss + args.alike * drawn
            loss.backward()
        right = (logits.flatten(0, 1).argmax(-1) == wanted.flatten())[answers]
        each, missed = each.detach(), missed.detach()
        figures = (each[answers].sum(), right.sum(), answers.sum(), each[others].sum(), others.sum(), missed.sum(), len(missed), ids.numel(), unlike, 1)
        figures = torch.tensor([float(figure) for figure in figures])
        sums += average(model, figures) * args.workers if meeting else figures
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        seen += args.workers * ids.numel()
        if worker:
            continue
        if average_of and step % 5 == 0:
            torch._foreach_lerp_(average_of, [w.detach() for w in model.parameters()], args.averaged)
        if step % 50 == 0:
            line = f"{step} {now / 60:.1f} min, answers: loss {sums[0] / sums[2]:.3f}, right {sums[1] / sums[2]:.3f}, document: loss {sums[3] / sums[4]:.3f}, attention: {sums[5] / max(1, sums[6]):.3f}, stream: {sums[8] / sums[9]:.4f}, {sums[7] / (time.time() - since):.0f} tokens/s, {seen / 1e6:.2f} M tokens"
            print(line, file=log, flush=True)
            sums, since = torch.zeros(10), time.time()
        if time.time() - saved > 60 * args.every:
            keep(model, optimizer, how(), state)
            saved = time.time()
    if not worker:
        keep(model, optimizer, how(), state)
        for w, mean in zip(model.parameters(), average_of):
            w.data.copy_(mean)
        save_model(model, args.to)


def before(path):
    return path.replace(".pt", "-before.pt")


def last_kept(path, device):
    """The newest checkpoint that can be read, None where there is none"""
    for one in (path, before(path)):
        if os.path.exists(one):
            try:
                return torch.load(one, map_location=device)
            except Exception as failure:
                print(f"{one} cannot be read ({failure}); the one before it is tried.", file=sys.stderr)
    return None


def keep(model, optimizer, how, path):
    """`how`: what the checkpoint says besides the weights. It is written beside the last one, which is kept too: a fault while writing loses nothing."""
    held = {"model": model.state_dict(), "optimizer": optimizer.state_dict(), "params": model.params, **how}
    torch.save(held, path + ".new")
    if os.path.exists(path):
        os.replace(path, before(path))
    os.replace(path + ".new", path)


if __name__ == "__main__":
    main()
