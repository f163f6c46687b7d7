"""What a step of training does with gradients: AdamW in groups, the course of its rate, the mean over workers and over steps."""
import torch
import torch.distributed

# Steps between two looks of the mean at the weights: a look at 80 million takes 0.1 s.
LOOKS = 5


def rate_at(step, progress, falling, rising=200):
    """Share of the peak: `rising` steps up, level, and down in the last `falling` of the time, so that a run can be made longer."""
    return min(1, (step + 1) / rising) * min(1, 0.03 + 0.97 * (1 - progress) / falling)


def adamw(groups, args):
    """In one pass over the weights where this PyTorch can: 0.04 s a step of 64 million weights instead of 0.25
    -> the optimizer, whether it can"""
    for fused in (True, None):
        try:
            return torch.optim.AdamW(groups, lr=args.rate, betas=(0.9, args.beta2), **({"fused": True} if fused else {})), fused
        except (RuntimeError, TypeError):
            continue


def groups(model, args, undecayed=()):
    """-> the parameters that learn in groups of AdamW; `times`: rate of a group, in times of --rate; `undecayed`: names of matrices without decay"""
    parts = {"decayed": [], "plain": [], "attention": []}
    for name, w in model.named_parameters():
        if not w.requires_grad:
            continue
        of_attention = args.attention != 1 and name.startswith("cross_decoder") and ".ffn." not in name
        parts["plain" if w.dim() == 1 or name in undecayed else "attention" if of_attention else "decayed"].append(w)
    found = [{"params": ws, "weight_decay": 0.0 if kind == "plain" else args.decay, "times": args.attention if kind == "attention" else 1.0} for kind, ws in parts.items()]
    return [group for group in found if group["params"]]


def go_on(optimizer, kept, fused):
    """With what `kept` knows of each weight, where it was kept of the same groups; begun anew otherwise. Rates and the like are those of this run."""
    settings = [{k: v for k, v in group.items() if k != "params"} for group in optimizer.param_groups]
    if [len(g["params"]) for g in kept["param_groups"]] == [len(g["params"]) for g in optimizer.param_groups]:
        optimizer.load_state_dict(kept)
        for group, own in zip(optimizer.param_groups, settings):
            group.update(own, fused=fused)


def average(model, figures):
    """Gradients become their mean over the workers, and so do the figures, in one exchange; -> the figures' mean"""
    grads = [w.grad for w in model.parameters() if w.grad is not None]
    flat = torch.cat([*(g.flatten() for g in grads), figures])
    torch.distributed.all_reduce(flat)
    flat /= torch.distributed.get_world_size()
    for grad, mean in zip(grads, flat[: -len(figures)].split([g.numel() for g in grads])):
        grad.copy_(mean.view_as(grad))
    return flat[-len(figures) :]


class Mean:
    """Of the weights over the steps, which it follows by `share` every fifth step: a small batch leaves them noisy, and the mean of two
    states of one run was better than either (convert/README.md)."""

    def __init__(self, model, share, kept=None):
        """`kept`: what `weights` was before"""
        self.share, self.model = share, model
        self.weights = {name: w.detach().clone() for name, w in model.named_parameters()}
        for name, w in (kept or {}).items():
            self.weights[name].copy_(w)

    def look(self, step):
        if step % LOOKS == 0:
            torch._foreach_lerp_(list(self.weights.values()), [w.detach() for w in self.model.parameters()], self.share)

    def put(self):
        """The model's weights become it"""
        for name, w in self.model.named_parameters():
            w.data.copy_(self.weights[name])
