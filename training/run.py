"""A run of training, of all weights (train.py) or of the cross-decoder alone (convert/train_upper.py): its clock, its steps, its checkpoints."""
import multiprocessing
import time

import torch
import torch.distributed

from checkpoint import keep, last_kept
from export import load_model, save_model
from learning import Mean, adamw, average, go_on, groups, rate_at
from shapes import build

# In memory that forked workers share: whichever process SIGTERM reaches, all of them know. Without a lock, which a handler could wait
# for in vain.
stopped = multiprocessing.RawValue("b", 0)


def stop(*_):
    stopped.value = 1


class Run:
    """One worker's model and how far it is; it goes on from the checkpoint in `args.to`. `undecayed`: as learning.groups has it"""

    def __init__(self, worker, args, params, device, undecayed=()):
        self.args, self.state = args, f"{args.to}/state.pt"
        torch.manual_seed(1)
        self.model = build(params)
        if args.begin:
            load_model(self.model, args.begin)
        self.model.to(device).train()
        if args.frozen:
            self.model.freeze(args.frozen)
        self.optimizer, fused = adamw(groups(self.model, args, undecayed), args)
        self.step, self.seen, spent = 0, 0, 0.0
        kept = last_kept(self.state, device) or {}
        if kept:
            self.model.load_state_dict(kept["model"])
            go_on(self.optimizer, kept["optimizer"], fused)
            self.step, spent, self.seen = kept["step"], kept["spent"], kept.get("tokens", 0)
        self.mean = Mean(self.model, args.averaged, kept.get("averaged")) if args.averaged and not worker else None
        self.begun, self.saved = time.time() - spent, time.time()

    def clock(self, meeting):
        """-> minutes so far, share of the run; the same for all workers. 1 or more ends it."""
        told = torch.tensor([time.time() - self.begun, stopped.value], dtype=torch.float64)
        if meeting:
            torch.distributed.broadcast(told, 0)
        minutes, is_over = told[0].item() / 60, bool(told[1])
        return minutes, 1.0 if is_over else self.step / self.args.steps if self.args.steps else minutes / self.args.minutes

    def go(self, progress, figures, tokens, meeting):
        """One step with the gradients that are there; `tokens` this worker has read for it -> the figures of all workers"""
        rate = self.args.rate * rate_at(self.step, progress, self.args.falling, self.args.rising)
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["times"]
        figures = average(self.model, figures) * self.args.workers if meeting else figures
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        self.seen += self.args.workers * tokens
        if self.mean:
            self.mean.look(self.step)
        return figures

    def keep(self):
        how = {"step": self.step, "spent": time.time() - self.begun, "tokens": self.seen, "rounded": self.args.rounded}
        keep(self.model, self.optimizer, {**how, **({"averaged": self.mean.weights} if self.mean else {})}, self.state)
        self.saved = time.time()

    def end(self):
        self.keep()
        if self.mean:
            self.mean.put()
        save_model(self.model, self.args.to)
