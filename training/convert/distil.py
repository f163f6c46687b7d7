"""The teacher of a converted model while that is trained on: the document's tokens are learned from its whole distribution, which
says more than the one token that came. (Hinton et al. 2015, "Distilling the Knowledge in a Neural Network"; temperature 1.)"""
import os
import sys

import torch

sys.path.append(os.path.dirname(os.path.abspath(__file__)))

from llama import Llama
from prune_tokens import with_entries
from source import Refused, read_source


class Teacher:
    def __init__(self, path, bpe, device, dtype):
        """The source at `path` with the rows of `bpe`'s entries alone; its matrices as `dtype`. Raises Refused."""
        source = with_entries(read_source(path), bpe)
        source.tensors = {name: t.to(device, dtype if t.dim() > 1 else t.dtype) for name, t in source.tensors.items()}
        self.model = Llama(source)

    @torch.no_grad()
    def log_probabilities(self, ids, at):
        """ids [B, T], at [B, M] the places whose next token is wanted -> [B, M, V]. All of a row is before it in the teacher,
        jumps and fresh starts included."""
        x = self.model.stream(ids)
        x = x.gather(1, at[..., None].expand(-1, -1, x.shape[-1]))
        return self.model.head(x).float().log_softmax(-1)


def divergence(teacher, logits):
    """Kullback-Leibler, of the teacher's log probabilities [.., V] from what the model says, in nats [..]"""
    return (teacher.exp() * (teacher - logits.float().log_softmax(-1))).sum(-1)
