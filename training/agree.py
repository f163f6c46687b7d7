#!/usr/bin/python3
"""Does PyTorch (float32) say the same as the engine? `python3 training/agree.py MODEL prompts.jsonl`, see agree.mjs. MODEL: a folder with params.json; of a
model with open windows that ships, convert/reopen.py writes one, and its tokenizer.json and generation_config.json are to be put there.

Every token of every answer must be PyTorch's own greedy choice after the tokens before it. A token that PyTorch prefers to
another by less than TIE counts as agreed and is counted apart: the engine keeps K/V in F16. Answers come as text, and the
same text may be cut into other tokens (a space before " The"): where tokens differ, PyTorch answers by itself and the texts count.
"""
import json
import os
import sys

import torch

from reading import logits, open_model
from tokens import CONTROL, LETTERS, Bpe

TIE = 0.05
# The same of a refusal's share and its bar.
SHARE_TIE = 0.01


def greedy(model, entries, prompt, most):
    """-> text; `entries` are the tokenizer's by id"""
    ids = list(prompt)
    while len(ids) < len(prompt) + most:
        ids.append(logits(model, ids, [len(ids) - 1])[0].argmax().item())
        if ids[-1] == CONTROL["end"]:
            break
    return text_of(entries, ids[len(prompt) :])


def text_of(entries, ids):
    back = {letter: byte for byte, letter in LETTERS.items()}
    said = "".join(entries[i] for i in ids if i > CONTROL["enddoc"])
    return bytes(back[letter] for letter in said).decode("utf8", "replace").strip()


class LookedUp:
    """Of a model that looks questions up first, as the engine does: `logits` and `greedy` of prompts, each document read once"""

    def __init__(self, model, refusal):
        sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "convert"))
        from answering import Answering

        self.answering, self.document, self.kept = Answering(model, exact=True, refusal=refusal), None, None

    def parts(self, prompt):
        """-> what was read, its tokens, those of the conversation"""
        end = prompt.index(CONTROL["enddoc"])
        if self.document != prompt[:end]:
            self.document, self.kept = prompt[:end], self.answering.read(prompt[:end])
        return self.kept, end, prompt[end:]

    def logits(self, prompt, reply):
        return self.answering.logits(*self.parts(prompt), reply)

    def greedy(self, entries, prompt, most):
        kept, end, told = self.parts(prompt)
        return text_of(entries, self.answering.answer(kept, end, [told[2:-1]], most)[0].ids)


class Whole:
    """Of a model that sees all of a text, and has no refusal"""

    def __init__(self, model):
        self.model = model

    def logits(self, prompt, reply):
        return logits(self.model, prompt + reply, range(len(prompt) - 1, len(prompt) + len(reply) - 1)), None

    def greedy(self, entries, prompt, most):
        return greedy(self.model, entries, prompt, most)


def refusing(folder, ids):
    """-> ids of a refusal (none: the model has none), how likely its first two have to be for it to be the answer; `ids`: text -> ids"""
    path = f"{folder}/generation_config.json"
    refusal = json.load(open(path)).get("refusal") if os.path.exists(path) else None
    return (ids(refusal["text"]), refusal["from"]) if refusal else ([], None)


def compared(found, doubt, said, refusal, bar):
    """found [len(said), V], doubt: how likely the refusal begins, said and refusal: ids -> how far each token is behind PyTorch's own choice, or `doubt` on the
    other side of the bar (as many TIEs as SHARE_TIEs); whether both refuse or both answer"""
    refused = said == [*refusal, CONTROL["end"]]
    if refusal and (refused or doubt >= bar):
        aside = max(bar - doubt, 0.0) if refused else max(doubt - bar, 1e-9)
        return torch.tensor([aside * TIE / SHARE_TIE]), refused and doubt >= bar
    return found.max(-1).values - found.gather(1, torch.tensor(said)[:, None])[:, 0], True


def main(folder, prompts):
    model = open_model(folder)
    bpe = Bpe(f"{folder}/tokenizer.json")
    refusal, bar = refusing(folder, bpe.encode)
    asked = Whole(model) if model.params.get("finding_layer") is None else LookedUp(model, refusal)
    entries = {i: entry for entry, i in bpe.ids.items()}
    same = ties = cut = differ = tokens = longest = 0
    for line in open(prompts):
        entry = json.loads(line)
        longest = max(longest, len(entry["prompt"]))
        found, doubt = asked.logits(entry["prompt"], entry["reply"])
        behind, alike = compared(found, doubt, entry["reply"], refusal, bar)
        tokens += len(entry["reply"])
        if (behind == 0).all():
            same += 1
        elif (behind < TIE).all():
            ties += 1
        elif alike and asked.greedy(entries, entry["prompt"], len(entry["reply"]) + 2) == entry["answer"].strip():
            cut += 1
        else:
            differ += 1
            print(f"differs: {entry['text']!r} -> {entry['answer']!r}, behind by {behind.max():.3f}")
    print(f"{same} of {same + ties + cut + differ} answers the same token by token, {ties} with a choice closer than {TIE}, {cut} the same text by other tokens, {differ} differ; {tokens} tokens, prompts up to {longest}")
    return differ


if __name__ == "__main__":
    sys.exit(1 if main(*sys.argv[1:3]) else 0)
