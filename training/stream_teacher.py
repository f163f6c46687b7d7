"""A self-decoder whose stream another one learns: what a narrower one lost comes back from every token of a text, not from answers alone."""
import torch

from convert.distil import Refused
from model import self_layers
from reading import open_model

# Streams are compared behind every so many layers, and behind the last.
EVERY = 6


class StreamTeacher:
    def __init__(self, folder, params, device, dtype):
        """What training/convert or training wrote to `folder`, its matrices as `dtype`, for a model of `params`: a YOCO for one, a Transformer, with open
        windows or without, for one that is narrower. Raises Refused."""
        self.model = open_model(folder)
        its = self.model.params
        other = [f"{key} {its[key]} instead of {params[key]}" for key in ("dim", "vocab_size") if its[key] != params[key]]
        if (found := self_layers(its)) != (wanted := self_layers(params)):
            other.append(f"{found} layers of the self-decoder instead of {wanted}")
        left_out = set(params.get("left_out", ())) - set(its.get("left_out", ()))
        kept = [layer for layer in range(its["n_layers"]) if layer not in left_out]
        if not wanted and len(kept) != params["n_layers"]:
            other.append(f"{len(kept)} layers instead of {params['n_layers']}")
        if other:
            raise Refused(f"The stream of {folder} is another one ({', '.join(other)}). Name a model that training/convert made with the same --self and TOK.")
        # A layer learns what the next one that was kept began with.
        self.behind = [layer - 1 for layer in kept[1:]] + [its["n_layers"] - 1]
        # A YOCO that learns a stream has a cross-decoder of its own to learn; the rest is learned from one that has none.
        self.whole = not wanted
        if wanted:
            self.model.cross_decoder = None
        for w in self.model.requires_grad_(False).parameters():
            if w.dim() > 1:
                w.data = w.data.to(dtype)
        self.model.to(device)

    @torch.no_grad()
    def streams(self, ids, segments, positions):
        """The stream behind each layer, [B, T, dim] one after the other. A Transformer sees the text as it would run through: without the jumps of positions."""
        if self.model.params.get("transformer"):
            positions = torch.arange(ids.shape[1], device=ids.device).expand_as(ids)
        found = list(self.model.streams(ids, segments, positions))
        return [found[i] for i in self.behind] if self.whole else found

    @torch.no_grad()
    def log_probabilities(self, stream, at):
        """The last stream, at [B, M] the places whose next token is wanted -> [B, M, V]"""
        return self.model.logits_at(stream, at).float().log_softmax(-1)


def unlikeness(own, wanted, counted):
    """Streams of both behind each layer, `counted` [B, T]: tokens that are no padding -> |own - wanted|^2 / |wanted|^2, mean over tokens and the layers that are compared"""
    last = len(own) - 1
    at = sorted({*range(EVERY - 1, last, EVERY), last})
    errors = [((own[i] - wanted[i]).float().pow(2).sum(-1) / wanted[i].float().pow(2).sum(-1))[counted].mean() for i in at]
    return torch.stack(errors).mean(), errors[-1].detach()
