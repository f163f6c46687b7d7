#!/usr/bin/python3
"""The cross-decoder of a converted model learns alone, on streams of a self-decoder that stays as it is:

    python3 training/convert/train_upper.py --data OUT --tokenizer TOK --from START --to RUN --minutes 90 --workers 2

Streams are read once and kept (kept_streams.py): 0.6 MB a sample of 512 tokens and 576 numbers. Of the embedding, which is the head too, only the
row that ends an answer learns: all others are what the self-decoder reads. One log line every 25 steps: losses, shares of right tokens, `found`:
how many answers whose first token is no digit's space and no article begin right. Checkpoints as train.py writes them; SIGTERM writes one and ends.
"""
import argparse
import os
import random
import signal
import sys
import tempfile
import time

import torch

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

from checkpoint import refuse_other_run
from folders import in_words
from train import KEPT, params_for, prepared

if __name__ == "__main__" and "MALLOC_TOP_PAD_" not in os.environ:
    os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **KEPT, "OMP_NUM_THREADS": "1"})

import torch.nn.functional as F

from corpus import Corpus
from export import load_model
from kept_streams import KeptStreams, read_rows, together
from pointing import pointing
from model import self_layers
from precision import fast
from run import Run, stop
from samples import MIXTURES
from shapes import build
from tokens import CONTROL

# The first token of an answer is what must be found; behind it a small model goes on by itself.
FIRST = 4.0
# One row of the embedding learns, and decay would reach all of them.
UNDECAYED = ("embed_tokens.weight", "output_projection.weight")
LOGGED = 25
FIGURES = ("loss", "right", "answers", "document", "others", "missed", "copied", "found", "firsts")


def part(text):
    """"real:512:0.6" -> (mixture, length, share)"""
    kind, length, share = text.split(":")
    if kind not in MIXTURES:
        raise ValueError(kind)
    return kind, int(length), float(share)


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "tokenizer", "to"):
        p.add_argument("--" + name, required=True)
    p.add_argument("--from", dest="begin", required=True)
    p.add_argument("--minutes", type=float, default=90)
    p.add_argument("--steps", type=int, help="instead of minutes")
    p.add_argument("--workers", type=int, default=1, help="processes of one core each")
    p.add_argument("--samples", type=lambda s: [part(x) for x in s.split(",")], default="real:512:0.6,real:1024:0.25,find:512:0.15", help="MIXTURE:LENGTH:SHARE,...")
    p.add_argument("--fresh", type=int, default=7, help="samples of 512 tokens that are read in a step, by each worker; of longer ones as many tokens")
    p.add_argument("--again", type=int, default=7, help="kept samples that a step meets again")
    p.add_argument("--document", type=int, default=24, help="of 512 tokens of a document so many carry a loss")
    p.add_argument("--point", type=float, default=0.6, help="weight of the loss that draws all heads of the last layer to where the answer stands")
    p.add_argument("--between", type=float, default=0.3, help="the same of any one head of the layers between")
    p.add_argument("--rate", type=float, default=2.5e-4)
    p.add_argument("--rising", type=int, default=40)
    p.add_argument("--decay", type=float, default=0.01)
    p.add_argument("--beta2", type=float, default=0.98)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--every", type=float, default=7, help="minutes between checkpoints")
    p.set_defaults(shape="window", attention=1.5, falling=1.0, averaged=0, rounded=False)
    return p.parse_args()


def losses(model, row, easy, point, between):
    """-> the loss, what the log tells (FIGURES, sums). `easy`: ids that begin many answers and say nothing of finding; `point`, `between`: weights
    of the losses that draw attention"""
    with fast("cpu"):
        x, found = model.looked_up(row.stream, row.positions, row.at, row.pointed, every=True)
        asked = row.weight > 0
        n, w, end = model.layer_norm(x[asked]), model.head().weight, CONTROL["end"]
        logits = torch.cat((F.linear(n, w[:end].detach()), F.linear(n, w[end : end + 1]), F.linear(n, w[end + 1 :].detach())), -1).float()
    wanted, first, weight = row.wanted[asked], row.first[asked], row.weight[asked]
    each = F.cross_entropy(logits, wanted, reduction="none")
    stress = weight * torch.where(first, FIRST, 1.0)
    loss = (each * stress).sum() / stress.sum()
    drawn, missed = pointing(found, row.pointed, torch.where(row.first, FIRST, 1.0), point, between)
    loss = loss + drawn
    right, answers = logits.detach().argmax(-1) == wanted, weight == 1
    telling = first & ~torch.isin(wanted, easy)
    each = each.detach()
    sums = (each[answers].sum(), right[answers].sum(), answers.sum(), each[~answers].sum(), (~answers).sum(), missed.detach().sum(), len(missed))
    return loss, torch.tensor([float(s) for s in (*sums, right[telling].sum(), telling.sum())])


def log_line(step, minutes, sums, tokens, took):
    s = dict(zip(FIGURES, sums.tolist()))
    share = {k: s[k] / max(1, s[by]) for k, by in (("loss", "answers"), ("right", "answers"), ("document", "others"), ("missed", "copied"), ("found", "firsts"))}
    return (
        f"{step} {minutes:.1f} min, answers: loss {share['loss']:.3f}, right {share['right']:.3f}, document: loss {share['document']:.3f}, "
        f"attention: {share['missed']:.3f}, found {share['found']:.3f}, {took:.1f} s a step, {tokens / 1e6:.2f} M tokens"
    )


class Upper(Run):
    """A run in which the cross-decoder learns, and the same model that reads"""

    def __init__(self, worker, args, params):
        super().__init__(worker, args, params, "cpu", UNDECAYED)
        self.lower = build(params)
        load_model(self.lower, args.begin)
        self.lower.freeze(args.frozen)
        self.streams = KeptStreams()

    def rows(self, corpus, worker):
        """-> what the next step learns from, tokens that were read for it"""
        args = self.args
        kind, length, _ = random.Random(f"{args.seed} {self.step}").choices(args.samples, [s[2] for s in args.samples])[0]
        r = random.Random(f"{args.seed} {self.step} {worker}")
        fresh, again = (max(1, count * 512 // length) for count in (args.fresh, args.again))
        # What ends an answer is read, too, as it has become.
        end = CONTROL["end"]
        self.lower.embed_tokens.weight.data[end] = self.model.embed_tokens.weight.data[end]
        read = read_rows(self.lower, corpus, r, kind, length, fresh, args.document * length // 512)
        return together(self.streams.met_again(r, length, again, read)), fresh * length


def train(worker, args, params, corpus, meeting=None):
    """One worker of `args.workers`; the first one keeps time, checkpoints and the log"""
    if meeting:
        torch.distributed.init_process_group("gloo", init_method=meeting, rank=worker, world_size=args.workers)
    torch.set_num_threads(1)
    upper, easy = Upper(worker, args, params), torch.tensor([corpus.space, corpus.encode(" the")[0]])
    sums, since = torch.zeros(len(FIGURES)), time.time()
    while True:
        minutes, progress = upper.clock(meeting)
        if progress >= 1:
            break
        rows, tokens = upper.rows(corpus, worker)
        loss, figures = losses(upper.model, rows, easy, args.point, args.between)
        loss.backward()
        sums += upper.go(progress, figures, tokens, meeting)
        if worker:
            continue
        if upper.step % LOGGED == 0:
            with open(f"{args.to}/log.txt", "a") as log:
                print(log_line(upper.step, minutes, sums, upper.seen, (time.time() - since) / LOGGED), file=log)
            sums, since = torch.zeros(len(FIGURES)), time.time()
        if time.time() - upper.saved > 60 * args.every:
            upper.keep()
    if not worker:
        upper.end()


def main():
    args = arguments()
    signal.signal(signal.SIGTERM, stop)
    with in_words():
        bpe = prepared(args)
        params = params_for(args, len(bpe.ids))
        refuse_other_run(f"{args.to}/state.pt", params)
    args.frozen = self_layers(params)
    corpus = Corpus(args.data, bpe)
    os.makedirs(args.to, exist_ok=True)
    if args.workers == 1:
        return train(0, args, params, corpus)
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.start_processes(train, (args, params, corpus, f"file://{folder}/meet"), args.workers, start_method="fork")


if __name__ == "__main__":
    main()
