"""What one step learns from: a batch of samples, and its loss."""
import random
from contextlib import nullcontext

import torch
import torch.nn.functional as F

from convert.distil import divergence
from convert.rounding import rounded
from model import self_layers
from other_texts import OtherTexts
from pointing import pointing
from precision import fast
from samples import MIXTURES, batch
from stream_teacher import unlikeness
from tokens import CONTROL

# Of the loss of a document's token, the part that is the divergence from a teacher. The rest is the token that came.
TAUGHT = 0.8
FIGURES = ("loss", "right", "answers", "document", "others", "missed", "copied", "tokens", "unlike", "steps")


def lengths(progress, trained):
    """Sample lengths and their shares; longer ones come in as training goes on. `trained`: the weights can copy already."""
    if trained:
        return ((512, 0.14), (1024, 0.47), (2048, 0.28), (4096, 0.07), (8192, 0.04))
    if progress < 0.25:
        return ((256, 0.5), (512, 0.4), (1024, 0.1))
    if progress < 0.6:
        return ((512, 0.4), (1024, 0.45), (2048, 0.15))
    return ((512, 0.1), (1024, 0.45), (2048, 0.3), (4096, 0.1), (8192, 0.05))


def samples_of(args, corpus, step, worker, progress, device):
    """The batch of this step and worker, as samples.batch has it; the order of data is that of the seed and the step"""
    mixture = MIXTURES[args.mixture]
    choices = [c for c in mixture.lengths or lengths(progress, args.begin is not None) if c[0] <= args.longest]
    # One length for all workers, so that none waits.
    length = random.Random(f"{args.seed} {step}").choices([c[0] for c in choices], [c[1] for c in choices])[0]
    r = random.Random(f"{args.seed} {step} {worker}")
    made = batch(corpus, r, length, max(1, args.tokens // length), int(length * args.document), mixture, args.lesser)
    return tuple(torch.from_numpy(t).to(device) for t in made)


class Lesson:
    """Losses of a model by the flags of train.py. `teacher`: convert.distil.Teacher or None; `elder`: StreamTeacher or None"""

    def __init__(self, args, model, device, teacher=None, elder=None):
        self.args, self.model, self.device, self.teacher, self.elder = args, model, device, teacher, elder
        self.point = args.point > 0 and self_layers(model.params) > 0
        if args.among:
            model.others = OtherTexts({layer for layer, _ in model.params["open_heads"]}, args.among, args.seed)

    def learn(self, made):
        """Gradients of a batch -> what the log tells (FIGURES, sums)"""
        with rounded(self.model) if self.args.rounded else nullcontext():
            loss, figures = self.loss(*made)
            loss.backward()
        return figures

    def said(self, ids, segments, positions, at, pointed):
        """-> logits [B, M, V], the self-decoder's streams where an elder is, attention as Yoco.looked_up has it where places count"""
        if not self.point and self.elder is None:
            return self.model(ids, segments, positions, at), None, []
        streams = list(self.model.streams(ids, segments, positions))
        if not self_layers(self.model.params):
            return self.model.logits_at(streams[-1], at), streams, []
        x, found = self.model.looked_up(streams[-1], positions, at, pointed if self.point else None, every=self.args.between > 0)
        return self.model.logits(x), streams, found

    def loss(self, ids, segments, positions, at, wanted, weight, pointed):
        args = self.args
        with fast(self.device):
            logits, streams, found = self.said(ids, segments, positions, at, pointed)
        each = F.cross_entropy(logits.float().flatten(0, 1), wanted.flatten(), reduction="none", ignore_index=-100)
        answers = weight.flatten() == 1
        others = (weight.flatten() > 0) & ~answers
        learned = each if self.teacher is None else self.taught(ids, at, logits, each, others)
        alike, unlike = torch.zeros(()), torch.zeros(())
        if self.elder is not None:
            learned, alike, unlike = self.followed((ids, segments, positions), at, streams, logits, learned)
        stress = torch.where((weight == 1) & (ids.gather(1, at) == CONTROL["assistant"]), args.first, 1.0)
        counted = (weight * stress).flatten()
        loss, missed = (learned * counted).sum() / counted.sum() + args.alike * alike, torch.zeros(0)
        if self.point:
            drawn, missed = pointing(found, pointed, stress, args.point, args.between)
            loss = loss + drawn
        right = (logits.flatten(0, 1).argmax(-1) == wanted.flatten())[answers]
        each, missed = each.detach(), missed.detach()
        sums = (each[answers].sum(), right.sum(), answers.sum(), each[others].sum(), others.sum(), missed.sum(), len(missed), ids.numel(), unlike, 1)
        return loss, torch.tensor([float(one) for one in sums])

    def followed(self, text, at, streams, logits, each):
        """-> losses of all tokens `each`, by --hinted those from what a whole elder says; how unlike its streams are, and the last of them.
        `text`: ids, segments, positions"""
        with fast(self.device):
            wanted = self.elder.streams(*text)
            alike, unlike = unlikeness(streams, wanted, text[0] != CONTROL["pad"])
            if self.elder.whole and self.args.hinted:
                apart = divergence(self.elder.log_probabilities(wanted[-1], at), logits).flatten()
                each = (1 - self.args.hinted) * each + self.args.hinted * apart
        return each, alike, unlike

    def taught(self, ids, at, logits, each, others):
        """Losses of all tokens `each`, those of the document's (`others`) mostly by the teacher's distribution"""
        with fast(self.device):
            said = self.teacher.log_probabilities(ids, at).flatten(0, 1)
        apart = divergence(said[others], logits.flatten(0, 1)[others])
        return each.masked_scatter(others, TAUGHT * apart + (1 - TAUGHT) * each[others])


def log_line(step, minutes, sums, took, seen):
    """`sums`: FIGURES since the last line, `took` seconds"""
    s = dict(zip(FIGURES, sums.tolist()))
    return (
        f"{step} {minutes:.1f} min, answers: loss {s['loss'] / s['answers']:.3f}, right {s['right'] / s['answers']:.3f}, "
        f"document: loss {s['document'] / s['others']:.3f}, attention: {s['missed'] / max(1, s['copied']):.3f}, "
        f"stream: {s['unlike'] / s['steps']:.4f}, {s['tokens'] / took:.0f} tokens/s, {seen / 1e6:.2f} M tokens"
    )
