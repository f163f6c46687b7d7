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
import os
import signal
import sys
import tempfile
import time

# Freed memory is kept: a step asks for the same large blocks again, and fresh pages cost as much as the arithmetic
# (20,000 tokens/s instead of 9,000). glibc reads this at the start only.
KEPT = {"MALLOC_MMAP_THRESHOLD_": "4000000000", "MALLOC_TRIM_THRESHOLD_": "16000000000", "MALLOC_TOP_PAD_": "268435456"}
if __name__ == "__main__" and "MALLOC_TOP_PAD_" not in os.environ:
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **KEPT})

import torch
import torch.distributed
import torch.multiprocessing

sys.path.insert(0, os.path.dirname(__file__))
from checkpoint import refuse_other_run
from convert.distil import Refused, Teacher
from corpus import Corpus
from folders import MODEL, PREPARED, TOKENIZER, expect, in_words
from lesson import FIGURES, Lesson, log_line, samples_of
from model import self_layers
from precision import bf16_is_faster
from run import Run, stop
from samples import MIXTURES
from shapes import SHAPES
from stream_teacher import StreamTeacher
from tokens import Bpe

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
    p.add_argument("--like", help="folder of a YOCO with as many layers below, whose stream the self-decoder learns; for open windows of a Transformer with as many layers")
    p.add_argument("--alike", type=float, default=2.0, help="weight of that, where an answer's loss is 1")
    p.add_argument("--hinted", type=float, default=0.0, help="share of every loss that is the divergence from what the --like of a Transformer says")
    p.add_argument("--among", type=int, default=0, help="tokens of other texts, at most, that open heads of a conversation see beside its own (other_texts.py)")
    p.add_argument("--frozen", type=int, default=0, help="so many layers of the self-decoder, from the first, stay as they are")
    p.add_argument("--rounded", action="store_true", help="learn with the weights of 4 bits that a converted model ships with")
    p.add_argument("--longest", type=int, default=8192, help="samples at most this long: a longer one takes more memory")
    p.add_argument("--every", type=float, default=4, help="minutes between checkpoints")
    args = p.parse_args()
    with in_words():
        run(args)


def run(args):
    """Raises Refused before the first step where what was asked for does not fit together."""
    # Workers are forked and have it, too: all end behind the same step, and the checkpoint is written.
    signal.signal(signal.SIGTERM, stop)
    bpe = prepared(args)
    params = params_for(args, len(bpe.ids))
    refuse_flags(args, params)
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
    expect(args.tokenizer, "tokenizer.json", made=TOKENIZER)
    expect(args.data, "text.bin", "qa.jsonl", made=PREPARED)
    return Bpe(f"{args.tokenizer}/tokenizer.json")


def params_for(args, entries):
    """Keys of params.json, of --from or else of --shape, for so many --workers; `entries`: the tokenizer's. Raises Refused."""
    if args.workers > 1 and device_of_all() == "cuda":
        raise Refused(f"--workers is {args.workers}, and processes share no GPU. Leave it out and give larger --tokens.")
    params = {**SHAPES[args.shape], "vocab_size": entries}
    if args.begin:
        expect(args.begin, "params.json", "model.safetensors", made=MODEL)
        with open(f"{args.begin}/params.json") as file:
            params = json.load(file)
        if params["vocab_size"] != entries:
            raise Refused(f"{args.begin} has {params['vocab_size']} entries and {args.tokenizer} {entries}. --tokenizer takes the folder that the model was made with.")
    return params


def refuse_flags(args, params):
    """What this program's own flags ask of a model that cannot. Raises Refused."""
    if not 0 <= args.lesser < 1:
        raise Refused(f"--lesser is {args.lesser}, expected from 0 to below 1: a token of weight 1 counts as an answer's.")
    if args.among and not params.get("open_window"):
        raise Refused(f"--among is {args.among}, and this model has no open heads that could see other texts. Leave it out.")
    layers = self_layers(params)
    if not 0 <= args.frozen <= layers:
        raise Refused(f"--frozen is {args.frozen}, expected 0 to {layers}: so many layers has the self-decoder of this model.")
    if args.frozen and not args.begin and not os.path.exists(f"{args.to}/state.pt"):
        raise Refused(f"--frozen is {args.frozen}, and a model from nothing has only random numbers to keep. Name the model to begin with: --from.")


def device_of_all():
    return "cuda" if torch.cuda.is_available() else "cpu"


def train(worker, args, params, corpus, teacher, elder, meeting=None):
    """One worker of `args.workers` trains a model of `params`; the first one keeps time, checkpoints and the log."""
    if meeting:
        torch.distributed.init_process_group("gloo", init_method=meeting, rank=worker, world_size=args.workers)
    device = device_of_all()
    run = Run(worker, args, params, device)
    lesson = Lesson(args, run.model, device, teacher, elder)
    sums, since, log = torch.zeros(len(FIGURES)), time.time(), open(f"{args.to}/log.txt", "a")
    while True:
        minutes, progress = run.clock(meeting)
        if progress >= 1:
            break
        made = samples_of(args, corpus, run.step, worker, progress, device)
        sums += run.go(progress, lesson.learn(made), made[0].numel(), meeting)
        if worker:
            continue
        if run.step % 50 == 0:
            print(log_line(run.step, minutes, sums, time.time() - since, run.seen), file=log, flush=True)
            sums, since = torch.zeros(len(FIGURES)), time.time()
        if time.time() - run.saved > 60 * args.every:
            run.keep()
    if not worker:
        run.end()


if __name__ == "__main__":
    main()
