#!/usr/bin/python3
"""Does PyTorch (float32) say the same as the engine? `python3 training/agree.py MODEL prompts.jsonl`, see agree.mjs.

Every token of every answer must be PyTorch's own greedy choice after the tokens before it. A token that PyTorch prefers to
another by less than TIE counts as agreed and is counted apart: the engine keeps K/V in F16. Answers come as text, and the
same text may be cut into other tokens (a space before " The"): where tokens differ, PyTorch answers by itself and the texts count.
"""
import json
import sys

import torch

from reading import logits, open_model
from tokens import CONTROL, LETTERS, Bpe

TIE = 0.05


def greedy(model, entries, prompt, most):
    """-> text; `entries` are the tokenizer's by id"""
    ids = list(prompt)
    while len(ids) < len(prompt) + most:
        ids.append(logits(model, ids, [len(ids) - 1])[0].argmax().item())
        if ids[-1] == CONTROL["end"]:
            break
    back = {letter: byte for byte, letter in LETTERS.items()}
    said = "".join(entries[i] for i in ids[len(prompt) :] if i > CONTROL["enddoc"])
    return bytes(back[letter] for letter in said).decode("utf8", "replace").strip()


def main(folder, prompts):
    model = open_model(folder)
    entries = {i: entry for entry, i in Bpe(f"{folder}/tokenizer.json").ids.items()}
    same = ties = cut = differ = tokens = longest = 0
    for line in open(prompts):
        entry = json.loads(line)
        ids, begin = entry["prompt"] + entry["reply"], len(entry["prompt"]) - 1
        longest = max(longest, begin + 1)
        found = logits(model, ids, range(begin, len(ids) - 1))
        said = torch.tensor(entry["reply"])
        behind = found.max(-1).values - found.gather(1, said[:, None])[:, 0]
        tokens += len(said)
        if (behind == 0).all():
            same += 1
        elif (behind < TIE).all():
            ties += 1
        elif greedy(model, entries, entry["prompt"], len(said) + 2) == entry["answer"].strip():
            cut += 1
        else:
            differ += 1
            print(f"differs: {entry['text']!r} -> {entry['answer']!r}, behind by {behind.max():.3f}")
    print(f"{same} of {same + ties + cut + differ} answers the same token by token, {ties} with a choice closer than {TIE}, {cut} the same text by other tokens, {differ} differ; {tokens} tokens, prompts up to {longest}")
    return differ


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:3]) else 0)
