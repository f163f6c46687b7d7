"""Training with the weights that will ship: those of `readonce weights --weights int4 --compact` (gpu/weights/derive-weights.ts). What
was rounded here lies on the grid that is found there, so that shipping costs nothing more."""
from contextlib import contextmanager

import torch


def coding(name):
    """Of a matrix by its name in training/model.py -> bits, inputs of a block"""
    if name.startswith(("cross_decoder.k_proj", "cross_decoder.v_proj")):
        return 8, 32
    return 4, 32 if name.startswith(("embed_tokens", "output_projection")) else 64


def on_grid(w, bits, block):
    """w [out, in] in float32 -> the nearest values of 2^bits levels for every `block` of inputs: from its least to its largest value
    with 4 bits, about zero with 8. Scale and minimum are halves."""
    rows, inputs = w.shape
    pad = -inputs % block
    # Repeated, the last value changes neither end.
    x = torch.cat((w, w[:, -1:].expand(-1, pad)), 1).view(rows, -1, block)
    if bits == 8:
        scale = (x.abs().amax(-1, keepdim=True) / 127).half().float().clamp(min=2**-24)
        x = (x / scale).round().clamp(-128, 127) * scale
    else:
        low, high = x.amin(-1, keepdim=True), x.amax(-1, keepdim=True)
        most = 2**bits - 1
        scale, low = ((high - low) / most).half().float().clamp(min=2**-24), low.half().float()
        x = ((x - low) / scale).round().clamp(0, most) * scale + low
    return x.view(rows, -1)[:, :inputs]


def rounded_state(state):
    """Tensors by name, the matrices on their grids"""
    return {name: on_grid(w, *coding(name)) if w.dim() == 2 else w for name, w in state.items()}


def weights_of(kept):
    """Tensors by name of a checkpoint of train.py as they ship: the mean over the steps where it was kept; what learned while it was rounded is
    rounded from here on."""
    state = {**kept["model"], **kept["averaged"]} if "averaged" in kept else kept["model"]
    return rounded_state(state) if kept.get("rounded") else state


@contextmanager
def rounded(model):
    """Within it the model's matrices lie on their grids; behind it they are exact again, and the gradients of the rounded ones are
    theirs (the straight-through estimator: Bengio et al. 2013, "Estimating or Propagating Gradients Through Stochastic Neurons")."""
    matrices = [(name, w) for name, w in model.named_parameters() if w.dim() == 2]
    exact = [w.data for _, w in matrices]
    try:
        for name, w in matrices:
            w.data = on_grid(w.data, *coding(name))
        yield
    finally:
        for (_, w), own in zip(matrices, exact):
            w.data = own
