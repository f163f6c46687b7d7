"""A smaller vocabulary that is still a byte-level BPE: bytes, control tokens and the most used entries with all their parts.

A merge a + b survives where a, b and ab survive; merges keep their order. So every entry that is kept is still made by the
tokenizer, by the same merges, and has its trained row of the embedding. Entries get new ids: control tokens first
(training/tokens.py), then the others in the order of the source.
"""
import json
from collections import Counter

import torch

from source import Refused
from tokens import CONTROL, LETTERS

# The word whose row a control token begins with. A pretrained model gathers what is asked at a ":" or a line's end, not at a row it has never
# met: five questions behind a paragraph, the third on, have 21% of their first tokens right with a line's end and ":" and none with the mean of words like "document".
LINE = chr(0x10A)
LIKE = {
    "pad": "<|endoftext|>", "bos": "<|endoftext|>", "eos": "<|endoftext|>", "user": "Question", "assistant": ":", "end": LINE, "doc": LINE, "enddoc": LINE,
}  # fmt: skip
# Shorter than the row of a word that is kept, or the head, which is the same matrix, would say the one for the other.
SHORTER = 0.9
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'document' %}<|doc|>{{ m.content }}<|enddoc|>{% elif m.role == 'user' %}"
    "<|user|>{{ m.content }}{% elif m.role == 'assistant' %}<|assistant|> {{ m.content }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
# A word of English, a number's digit, other marks, blanks: what GPT-2's tokenizer cuts, and every digit for itself.
PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"


def tokenizer(entries, merges):
    """tokenizer.json as a dictionary; `entries` by id, control tokens among them as they stand"""
    control = {f"<|{name}|>": i for name, i in CONTROL.items()}
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [
            {"id": i, "content": name, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
            for name, i in control.items()
        ],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False},
                {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
            ],
        },
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
            "fuse_unk": False, "byte_fallback": False, "ignore_merges": False,
            "vocab": {entry: i for i, entry in enumerate(entries)}, "merges": merges,
        },
    }  # fmt: skip


def tokenizer_config(longest):
    special = [f"<|{name}|>" for name in CONTROL if name not in ("bos", "pad")]
    return {
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<|bos|>", "eos_token": "<|end|>", "pad_token": "<|pad|>",
        "additional_special_tokens": special, "clean_up_tokenization_spaces": False, "chat_template": TEMPLATE,
        "model_max_length": longest,
    }  # fmt: skip


def counted(source, texts):
    """How often each entry of the source's own tokenizer occurs in the texts (str each)"""
    own, counts = whole(source), Counter()
    for text in texts:
        counts.update(own.encode(text).ids)
    return counts


def chosen(source, counts, size):
    """-> `size` entries by new id, control tokens first, and the merges between them. Bytes that the source has no entry for
    (SmolLM2 has none for those that UTF-8 does not use) become entries all the same."""
    split = [tuple(m.split(" ")) for m in source.merges]
    parts = {a + b: (a, b) for a, b in reversed(split)}
    ids = {entry: i for i, entry in enumerate(source.entries)}
    kept = {LETTERS[b] for b in range(256)}
    room = size - len(CONTROL)
    order = sorted((e for e in ids if e not in source.control), key=lambda e: (-counts.get(ids[e], 0), ids[e]))
    for entry in order:
        if len(kept) == room:
            break
        family = with_parts(entry, parts, kept)
        if family is not None and len(kept) + len(family) <= room:
            kept |= family
    merges = [[a, b] for a, b in split if a in kept and b in kept and a + b in kept]
    return [f"<|{name}|>" for name in CONTROL] + sorted(kept, key=lambda e: (ids.get(e, len(ids)), e)), merges


def with_parts(entry, parts, kept):
    """-> what must be kept with `entry`, itself included; None where no merge makes it"""
    family, waiting = set(), [entry]
    while waiting:
        one = waiting.pop()
        if one in kept or one in family:
            continue
        if one not in parts:
            return None
        family.add(one)
        waiting += parts[one]
    return family


def longer(source, folder, texts, every=20):
    """Share of tokens that the smaller vocabulary takes more, over every 20th text"""
    from tokenizers import Tokenizer

    own, smaller = whole(source), Tokenizer.from_file(f"{folder}/tokenizer.json")
    sample = [text for i, text in enumerate(texts) if i % every == 0]
    before, after = (sum(len(e.ids) for e in t.encode_batch(sample, add_special_tokens=False)) for t in (own, smaller))
    return after / before - 1


def whole(source):
    """The source's own tokenizer, without control tokens: none is looked for in a text"""
    from tokenizers import Tokenizer

    model = tokenizer(source.entries, [m.split(" ") for m in source.merges])
    return Tokenizer.from_str(json.dumps({**model, "added_tokens": []}))


def pruned_rows(source, entries, seed=1):
    """The embedding of the kept entries, and the head where it is another matrix: {"embed", "head"}; control tokens begin as LIKE says, with a little noise so that no two are one.
    Raises Refused where the entries are not of this source: then every row would be noise."""
    ids = {entry: i for i, entry in enumerate(source.entries)}
    strange = [entry for entry in entries[len(CONTROL) :] if entry not in ids and len(entry) > 1]
    if strange:
        raise Refused(
            f"The tokenizer has {len(strange)} entries that the source has not ({', '.join(map(repr, strange[:3]))}, ...), expected a part of its {len(ids)}. "
            "Name the source that the tokenizer was made from, or make a smaller vocabulary of this one (README.md, From a pretrained Transformer)."
        )
    return {name: rows_of(source.tensors[name], ids, entries, seed) for name in ("embed", "head") if name in source.tensors}


def with_entries(source, bpe):
    """The source with the rows of `bpe`'s entries alone; one that was trained on has them already. Raises Refused."""
    entries = sorted(bpe.ids, key=bpe.ids.get)
    if source.entries:
        source.tensors = {**source.tensors, **pruned_rows(source, entries)}
    elif len(source.tensors["embed"]) != len(entries):
        raise Refused(
            f"The source has {len(source.tensors['embed'])} entries and the tokenizer {len(entries)}. Name the tokenizer that the source was trained on with."
        )
    return source


def rows_of(matrix, ids, entries, seed):
    old = [ids.get(entry) for entry in entries[len(CONTROL) :]]
    kept = matrix[[i for i in old if i is not None]]
    mean, spread = kept.mean(0), kept.std(0)
    generator = torch.Generator().manual_seed(seed)

    words = set(entries)

    def made(like):
        row = matrix[ids[like]] * (SHORTER if like in words else 1) if like in ids else mean
        return row + 0.05 * spread * torch.randn(len(row), generator=generator)

    control = [made(LIKE[name]) for name in CONTROL]
    return torch.stack(control + [made(None) if i is None else matrix[i] for i in old])


def write_tokenizer(folder, entries, merges, longest):
    with open(f"{folder}/tokenizer.json", "w", encoding="utf-8") as file:
        json.dump(tokenizer(entries, merges), file, ensure_ascii=False)
    with open(f"{folder}/tokenizer_config.json", "w", encoding="utf-8") as file:
        json.dump(tokenizer_config(longest), file, ensure_ascii=False, indent=1)
