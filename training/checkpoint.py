"""A run's checkpoint, and the one before it."""
import os
import sys

import torch

from convert.distil import Refused


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


def refuse_other_run(state, params):
    """A checkpoint of another shape cannot be gone on with. Raises Refused."""
    kept = last_kept(state, "cpu")
    found = None if kept is None else kept["params"]
    if found is not None and found != params:
        other = ", ".join(f"{key} {found.get(key)} instead of {params.get(key)}" for key in sorted({*found, *params}) if found.get(key) != params.get(key))
        raise Refused(f"{state} is of another model ({other}). Name an empty folder with --to, or the model that this run began with.")
