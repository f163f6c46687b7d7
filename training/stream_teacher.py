"""A self-decoder whose stream another one learns: what a narrower one lost comes back from every token of a text, not from answers alone."""
import torch

from convert.distil import Refused
from model import self_layers
from reading import open_model

# Streams are compared behind every so many layers, and behind the last.
EVERY = 6


class StreamTeacher:
    def __init__(self, folder, params, device, dtype):
        """The YOCO that training/convert wrote to `folder`, its matrices as `dtype`, for a model of `params`. Raises Refused."""
        self.model = open_model(folder)
        its = self.model.params
        other = [f"{key} {its[key]} instead of {params[key]}" for key in ("dim", "vocab_size") if its[key] != params[key]]
        if (found := self_layers(its)) != (wanted := self_layers(params)):
            other.append(f"{found} layers of the self-decoder instead of {wanted}")
        if not wanted:
            other.append("a Transformer has no self-decoder")
        if other:
            raise Refused(f"The stream of {folder} is another one ({', '.join(other)}). Name a model that training/convert made with the same --self and TOK.")
        self.model.cross_decoder = None
        for w in self.model.requires_grad_(False).parameters():
            if w.dim() > 1:
                w.data = w.data.to(dtype)
        self.model.to(device)

    @torch.no_grad()
    def streams(self, ids, segments, positions):
        """The stream behind each layer, [B, T, dim] one after the other"""
        return list(self.model.streams(ids, segments, positions))


def unlikeness(own, wanted, counted):
    """Streams of both behind each layer, `counted` [B, T]: tokens that are no padding -> |own - wanted|^2 / |wanted|^2, mean over tokens and the layers that are compared"""
    last = len(own) - 1
    at = sorted({*range(EVERY - 1, last, EVERY), last})
    errors = [((own[i] - wanted[i]).float().pow(2).sum(-1) / wanted[i].float().pow(2).sum(-1))[counted].mean() for i in at]
    return torch.stack(errors).mean(), errors[-1].detach()
