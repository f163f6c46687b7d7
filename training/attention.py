"""softmax(q k^T + mask) v by hand: the exponentials are made in place and divided after the product with v.

PyTorch's own softmax and its derivative took 28% of a training step on a CPU (bf16, 1.13); the exponentials here take 1%.
"""
import torch

# Queries that are multiplied at once with the keys that one of them may see. Of 1,024 tokens with a window of 256 that is a third
# of all products, without a window 56%.
BLOCK = 128


def with_ones(v):
    """A column of ones, whose product is the sum of the exponentials"""
    return torch.cat((v, torch.ones_like(v[..., :1])), -1)


def weigh(q, k, v, mask, shape):
    """-> the exponentials of the scores, which the way back takes, and what they make of `v` (f32)"""
    scores = torch.matmul(q, k.transpose(-1, -2))
    scores.view(*shape, -1, k.shape[-2]).add_(mask).clamp_(max=80).exp_()
    return scores, torch.matmul(scores, v).float()


def slope_of(grad, grad_total, out, total, dtype):
    """Of what `weigh` made, by those of the values `out` and of their sums"""
    grad = grad.float() / total
    return torch.cat((grad, grad_total - (grad * out).sum(-1, keepdim=True)), -1).to(dtype)


def slopes(grad, q, k, v, scores):
    """-> those of q, k and of the values, by that of what `weigh` made"""
    slope = torch.matmul(grad, v.transpose(-1, -2)).mul_(scores)
    return torch.matmul(slope, k), torch.matmul(slope.transpose(-1, -2), q), torch.matmul(scores.transpose(-1, -2), grad[..., :-1].contiguous())


class Attend(torch.autograd.Function):
    @staticmethod
    def forward(ctx, q, k, v, mask, shape):
        v = with_ones(v)
        scores, mixed = weigh(q, k, v, mask, shape)
        total = mixed[..., -1:]
        out = mixed[..., :-1] / total
        ctx.save_for_backward(q, k, v, scores, total, out)
        return out.to(q.dtype), total

    @staticmethod
    def backward(ctx, grad, grad_total):
        q, k, v, scores, total, out = ctx.saved_tensors
        return (*slopes(slope_of(grad, grad_total, out, total, q.dtype), q, k, v, scores), None, None)


def attend(q, k, v, mask, shape):
    """q [N, M, D], k and v [N, S, D]; `mask` is added to the scores seen as [*shape, rows, S]. A row that sees
    nothing gives NaN: let every token see itself. Scores above 80 count as 80 (e^88 is the end of bf16).
    -> the mixed values [N, M, D], the sum of the exponentials [N, M, 1] (f32). Without gradients
    it is the plain softmax in float32, as the engine has it; in bf16 the same as with them (half the time of reading)."""
    if not torch.is_grad_enabled() and q.dtype != torch.bfloat16:
        scores = torch.bmm(q, k.transpose(1, 2)).float()
        scores.view(*shape, -1, k.shape[1]).add_(mask)
        return torch.bmm(scores.softmax(-1).to(v.dtype), v), scores.logsumexp(-1, keepdim=True).exp()
    return Attend.apply(q, k, v, mask, shape)


def spans(length, window, first=0):
    """-> (first and end of queries, first of the keys that one of them sees; their end is the queries'), from a block that holds `first` on"""
    begins = range(first // BLOCK * BLOCK, length, BLOCK)
    return [(at, min(at + BLOCK, length), max(0, at + 1 - window) // BLOCK * BLOCK) for at in begins]


class AttendBefore(torch.autograd.Function):
    """`Attend` of every block of queries, whose scores alone are made. q [B, kv heads, group, T, D], the others [B, kv heads, T, D]"""

    @staticmethod
    def forward(ctx, q, k, v, mask, parts):
        (batch, kv, _, length, size), first = q.shape, parts[0][0]
        v = with_ones(v)
        mixed = q.new_empty((*q.shape[:3], length - first, size + 1), dtype=torch.float32)
        kept = []
        for at, end, begin in parts:
            own = q[..., at:end, :].reshape(batch, kv, -1, size)
            hidden = mask[:, None, None, at:end, begin:end]
            scores, some = weigh(own, k[:, :, begin:end], v[:, :, begin:end], hidden, q.shape[:3])
            mixed[..., at - first : end - first, :] = some.view(*q.shape[:3], -1, size + 1)
            kept.append(scores)
        total = mixed[..., -1:]
        out = mixed[..., :-1] / total
        ctx.parts = parts
        ctx.save_for_backward(q, k, v, total, out, *kept)
        return out.to(q.dtype), total

    @staticmethod
    def backward(ctx, grad, grad_total):
        q, k, v, total, out, *kept = ctx.saved_tensors
        (batch, kv, _, _, size), first = q.shape, ctx.parts[0][0]
        grad = slope_of(grad, grad_total, out, total, q.dtype)
        to_q = torch.zeros_like(q)
        # What several blocks add up to, in float32.
        to_k, to_v = (torch.zeros(k.shape, dtype=torch.float32, device=k.device) for _ in range(2))
        for (at, end, begin), scores in zip(ctx.parts, kept):
            own = q[..., at:end, :].reshape(batch, kv, -1, size)
            told = grad[..., at - first : end - first, :].reshape(batch, kv, -1, size + 1)
            of_q, of_k, of_v = slopes(told, own, k[:, :, begin:end], v[:, :, begin:end], scores)
            to_q[..., at:end, :] = of_q.view(*q.shape[:3], -1, size)
            to_k[:, :, begin:end] += of_k
            to_v[:, :, begin:end] += of_v
        return to_q, to_k.to(k.dtype), to_v.to(k.dtype), None, None


def attend_before(q, k, v, mask, window=None, first=0):
    """Of a text whose tokens see tokens before them and themselves, of `window` only so many. q [B, T, heads, D], k and v [B, T, kv heads, D];
    mask [B or 1, T, T] is added to scores and also hides what is later or further away.
    -> of the tokens from the block of `first` on: the mixed values [B, rows, heads, D], the sums of the exponentials [B, rows, heads, 1] (f32), as attend has them"""
    batch, length, heads, size = q.shape
    kv = k.shape[2]
    q = q.view(batch, length, kv, -1, size).permute(0, 2, 3, 1, 4)
    k, v = (t.transpose(1, 2).contiguous() for t in (k, v))
    parts = spans(length, window or length, first)
    if not torch.is_grad_enabled() and q.dtype != torch.bfloat16:
        flat = (q.reshape(batch * kv, -1, size), k.flatten(0, 1), v.flatten(0, 1))
        found = (t.view(*q.shape[:4], -1)[..., parts[0][0] :, :] for t in attend(*flat, mask[:, None], (batch, heads)))
    else:
        found = AttendBefore.apply(q, k, v, mask, parts)
    mixed, total = (t.permute(0, 3, 1, 2, 4).flatten(2, 3) for t in found)
    return mixed, total
