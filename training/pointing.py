"""The loss that draws attention to where an answer's token stands in the document."""
import torch


def pointing(found, pointed, stress, last=1.0, between=0.0):
    """found: of each layer that tells, the log of its attention at those places [B, heads, M]; pointed [B, M, P] as samples.batch has it;
    stress [B, M]: how much a place counts. Every head of the last layer is drawn there (weight `last`), and any one head of the layers between the
    first and the last (weight `between`) -> loss, what the last layer misses at each place that has one [N], in nats"""
    copied = pointed[..., 0] >= 0
    missed = -found[-1].mean(1)[copied]
    if not len(missed):
        return torch.zeros(()), missed
    each = last * missed
    if between and len(found) > 1:
        each = each - between * torch.cat(found[1:-1] or found[:1], 1).logsumexp(1)[copied]
    heavy = stress[copied]
    return (each * heavy).sum() / heavy.sum(), missed
