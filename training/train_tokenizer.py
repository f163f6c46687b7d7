#!/usr/bin/python3
"""Trains the byte-level BPE and writes tokenizer.json and tokenizer_config.json:

    python3 training/train_tokenizer.py DATA OUT [ENTRIES, 8192]

Every third document of DATA/text_train.txt.xz and every tenth line of questions are counted (about 4 minutes). A digit is
always a token of its own, so that numbers are copied digit by digit; control tokens come first.
"""
import heapq
import json
import lzma
import os
import sys
from collections import Counter, defaultdict

from tokens import CONTROL, LETTERS, PIECES

PATTERN = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}{% if m.role == 'document' %}<|doc|>{{ m.content }}<|enddoc|>"
    "{% elif m.role == 'user' %}<|user|>{{ m.content }}{% elif m.role == 'assistant' %}<|assistant|> {{ m.content }}<|end|>"
    "{% endif %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def count(data):
    counts, document = Counter(), 0
    with lzma.open(f"{data}/text_train.txt.xz", "rt", encoding="utf-8") as file:
        for line in file:
            if line.startswith("<|endoftext|>"):
                document += 1
            elif document % 3 == 0:
                counts.update(PIECES.findall(line))
    with lzma.open(f"{data}/qa_train.jsonl.xz", "rt", encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number % 10 == 0:
                counts.update(PIECES.findall(json.loads(line)["question"]))
    counts["\n\n"] += sum(counts.values()) // 100
    return counts


def merges(counts, wanted):
    """The `wanted` most frequent pairs, one after another, each applied before the next is chosen; ties by spelling."""
    words = [([LETTERS[b] for b in piece.encode()], n) for piece, n in sorted(counts.items()) if n > 2]
    pairs, where = Counter(), defaultdict(set)
    for index, (parts, n) in enumerate(words):
        for pair in zip(parts, parts[1:]):
            pairs[pair] += n
            where[pair].add(index)
    heap = [(-n, pair) for pair, n in pairs.items()]
    heapq.heapify(heap)
    made = []
    while len(made) < wanted:
        n, pair = heapq.heappop(heap)
        if pairs[pair] != -n:
            continue
        made.append(pair)
        changed = set()
        for index in where.pop(pair):
            parts, times = words[index]
            for old in zip(parts, parts[1:]):
                pairs[old] -= times
                changed.add(old)
            at = 0
            while at < len(parts) - 1:
                if (parts[at], parts[at + 1]) == pair:
                    parts[at : at + 2] = [parts[at] + parts[at + 1]]
                at += 1
            for new in zip(parts, parts[1:]):
                pairs[new] += times
                where[new].add(index)
                changed.add(new)
        del pairs[pair]
        changed.discard(pair)
        for other in changed:
            heapq.heappush(heap, (-pairs[other], other))
    return made


def write(made, out):
    control = sorted(CONTROL, key=CONTROL.get)
    entries = [f"<|{name}|>" for name in control] + sorted(LETTERS.values()) + [a + b for a, b in made]
    flags = dict(single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
    split = {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Isolated", "invert": False}
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    file = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": CONTROL[name], "content": f"<|{name}|>", **flags} for name in control],
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [split, level]},
        "post_processor": None,
        "decoder": {**level, "add_prefix_space": True, "use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": False,
            "vocab": {entry: i for i, entry in enumerate(entries)},
            "merges": [list(pair) for pair in made],
        },
    }
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<|bos|>",
        "eos_token": "<|end|>",
        "pad_token": "<|pad|>",
        "additional_special_tokens": [f"<|{name}|>" for name in control if name not in ("pad", "bos")],
        "clean_up_tokenization_spaces": False,
        "chat_template": TEMPLATE,
    }
    os.makedirs(out, exist_ok=True)
    for name, content in (("tokenizer.json", file), ("tokenizer_config.json", config)):
        with open(f"{out}/{name}", "w", encoding="utf-8") as f:
            json.dump(content, f, ensure_ascii=False, indent=1 if name.endswith("config.json") else None)


if __name__ == "__main__":
    data, out, entries = (*sys.argv[1:], "8192")[:3]
    write(merges(count(data), int(entries) - len(CONTROL) - 256), out)
