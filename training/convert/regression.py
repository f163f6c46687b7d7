"""Regressions over a few thousand tokens, sums in float64: what every fit of the closed form stands on."""
import torch

ROWS = 4
# Every row has the same first token, and most attention of the upper layers rests on it: it counts as a fiftieth of all.
FIRST_SHARE = 0.02


def by_rows(function, *tensors):
    """`function` over a few rows at a time, the results one behind the other: the scores of all would not fit in memory"""
    parts = [function(*(t[i : i + ROWS] for t in tensors)) for i in range(0, len(tensors[0]), ROWS)]
    return torch.cat(parts) if torch.is_tensor(parts[0]) else tuple(map(torch.cat, zip(*parts)))


def ridge(x, y, strength, near=None, weight=None):
    """W [out, in] that makes |x W^T - y|^2 + strength x mean eigenvalue x |W - near|^2 least; sums in float64.
    x [N, in], y [N, out], `weight` [N]"""
    scaled = x if weight is None else x * weight[:, None]
    gram, cross = (scaled.t() @ x).double(), (scaled.t() @ y).double()
    bound = strength * gram.diagonal().mean()
    if near is not None:
        cross += bound * near.t().double()
    gram.diagonal().add_(bound)
    return torch.linalg.solve(gram, cross).t().float().contiguous()


def left_over(y, x):
    """|y - x|^2 / |x|^2 on average over the tokens but the first of each row"""
    return ((y - x).pow(2).sum(-1) / x.pow(2).sum(-1))[:, 1:].mean().item()


def fair(x):
    """Weights [N] by which every token counts alike: what comes next sees the stream divided by its size, and a few tokens
    (the first, line ends) are a hundred times as large as the others."""
    return 1 / flat(x).pow(2).mean(-1)


def with_first(x):
    """Weights [N] of all tokens, the first of each row too: a fiftieth of all. Without it a narrower feed-forward network no longer makes
    the sink that the heads of all layers behind it rest on (its stream was wrong by 0.99 of its size behind 6 layers)."""
    weight = 1 / x.pow(2).mean(-1)
    weight[:, 0] *= FIRST_SHARE * x.shape[1]
    return weight.flatten()


def flat(t):
    return t[:, 1:].reshape(-1, t.shape[-1])
