"""What the self-decoder made of samples, kept in memory: where it stays as it is, a sample that is met again costs the cross-decoder alone."""
from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F

from precision import fast
from samples import IGNORED, MIXTURES, batch
from tokens import CONTROL

# What a row is filled up with at positions that ask nothing.
NOTHING = {"at": 0, "wanted": IGNORED, "weight": 0.0, "pointed": -1, "first": False}


@dataclass
class Row:
    """One sample: `stream` [T, dim] behind the self-decoder in bfloat16, `positions` [T], and of M places `at`, `wanted`, `weight` [M],
    `pointed` [M, P] as samples.batch has them, `first` [M]: the first token of an answer is wanted."""

    stream: torch.Tensor
    positions: torch.Tensor
    at: torch.Tensor
    wanted: torch.Tensor
    weight: torch.Tensor
    pointed: torch.Tensor
    first: torch.Tensor


@torch.no_grad()
def read_rows(lower, corpus, r, kind, length, count, document):
    """`count` fresh samples of the mixture `kind`, read by the model `lower`; `document`: so many of the document's tokens carry a loss"""
    ids, segments, positions, at, wanted, weight, pointed = map(torch.from_numpy, batch(corpus, r, length, count, document, MIXTURES[kind]))
    with fast("cpu"):
        stream = lower.read(ids, segments, positions).bfloat16()
    first = (ids.gather(1, at) == CONTROL["assistant"]) & (weight > 0)
    # Copies: a view would keep the whole batch in memory.
    return [Row(*(t[i].clone() for t in (stream, positions, at, wanted, weight, pointed, first))) for i in range(count)]


def together(rows):
    """Rows of one length as one -> Row of [rows, ...]; its stream in float32"""
    most = max(len(row.at) for row in rows)

    def filled(row, name):
        value = getattr(row, name)
        if name not in NOTHING:
            return value
        return F.pad(value, (0, 0) * (value.dim() - 1) + (0, most - len(value)), value=NOTHING[name])

    made = {f.name: torch.stack([filled(row, f.name) for row in rows]) for f in fields(Row)}
    return Row(**{**made, "stream": made["stream"].float()})


class KeptStreams:
    """Samples by length that were read before"""

    def __init__(self):
        self.rows = {}

    def met_again(self, r, length, count, fresh):
        """-> `fresh` rows and up to `count` of those kept, drawn by `r`; the fresh ones are kept from now on"""
        kept = self.rows.setdefault(length, [])
        drawn = [kept[r.randrange(len(kept))] for _ in range(min(count, len(kept)))]
        kept += fresh
        return fresh + drawn
