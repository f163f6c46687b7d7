"""Where a model fetches from: the share of each head's attention, at the positions that foretell an answer, that lies on the
token to be copied, more than `far` tokens away. Heads above 0.3 are retrieval heads: they must not lie below the split."""
import torch
import torch.nn.functional as F

from llama import mask, rms, rotation


@torch.no_grad()
def head_map(model, prompts, far=300):
    """`prompts`: [(ids, [(row, columns)...])]: at `row` the next token is to be foretold, and stands at one of `columns`
    -> mass [layers, heads]"""
    s = model.shape
    mass, count = torch.zeros(s.layers, s.heads), 0
    for ids, places in prompts:
        places = [(row, [c for c in columns if row - c > far]) for row, columns in places]
        places = [(row, columns) for row, columns in places if columns]
        if not places:
            continue
        rows = torch.tensor([row for row, _ in places])
        cos, sin = rotation(len(ids), s.head, s.theta)
        hidden, x = mask(len(ids)), model.embed(torch.tensor([ids]))
        late = hidden[rows]
        for layer in range(s.layers):
            q, k, _ = model.qkv(layer, rms(x, model.of(layer, "attn_norm"), s.eps), cos, sin)
            q = q[0, rows].transpose(0, 1).float()
            k = k[0].transpose(0, 1).repeat_interleave(s.heads // s.kv_heads, 0).float()
            share = (q @ k.transpose(1, 2) * s.head**-0.5 + late).softmax(-1)
            for at, (_, columns) in enumerate(places):
                mass[layer] += share[:, at, columns].sum(-1)
            x = model.layer(layer, x, cos, sin, hidden)[0]
        count += len(places)
    return mass / max(1, count), count


@torch.no_grad()
def influence(model, ids):
    """1 - cos(input, output) of every layer (ShortGPT's block influence, arXiv 2403.03853), on ids [B, T]"""
    s = model.shape
    cos, sin = rotation(ids.shape[1], s.head, s.theta)
    hidden, x, found = mask(ids.shape[1]), model.embed(ids), []
    for layer in range(s.layers):
        y = model.layer(layer, x, cos, sin, hidden)[0]
        found.append(1 - F.cosine_similarity(x[:, 1:], y[:, 1:], dim=-1).mean().item())
        x = y
    return found


def split_for(mass, least=6, most=10, border=0.3):
    """-> how many layers the self-decoder keeps: up to the first retrieval head, within bounds"""
    strongest = mass.max(1).values
    found = [i for i in range(len(strongest)) if strongest[i] >= border]
    return min(max(found[0] if found else most, least), most)


def upper_layers(mass, changed, split, wanted, border=0.3):
    """-> the layers of the source from `split` on that the cross-decoder keeps: the last, retrieval layers by mass, then
    those that change the stream most"""
    strongest = mass.max(1).values.tolist()
    last = len(changed) - 1
    kept = {last, split}
    for i in sorted(range(split, last), key=lambda i: -strongest[i]):
        if len(kept) < wanted and strongest[i] >= border:
            kept.add(i)
    for i in sorted(range(split, last), key=lambda i: -changed[i]):
        if len(kept) < wanted:
            kept.add(i)
    return sorted(kept)
