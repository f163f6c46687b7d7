#!/usr/bin/python3
"""What a model with open windows answers, in PyTorch (bf16 where that is faster), before it is exported:

    python3 training/convert/scores.py OUT TOK MODEL [--sets near:18,text:6,f1:1:40,f1:5:30,refuse:5:30,needle:8192:3]

OUT: what training/prepare.mjs wrote with TOK; MODEL: a folder with params.json and model.safetensors, or a checkpoint (its mean where there is one).

near:N          loss of the answers of N held-out paragraphs, the questions one behind the other, and right first and later tokens
text:N          loss of N held-out texts of 1,024 tokens, as documents
f1:P:N          greedy answers to up to four questions about one of P held-out neighbouring paragraphs, N documents: F1 and exact (SQuAD's evaluation)
refuse:P:N      one question that the document answers and one that it does not: how many are refused, and by which bar of the refusal's first token they are parted best
needle:T:N      a number hidden at N depths of T tokens of held-out text
needles:K:T:N   K numbers hidden in each of N texts of T tokens, all of them asked for, each by itself
"""
import argparse
import json
import os
import random
import re
import string
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]

import torch
import torch.nn.functional as F

from answering import Answering
from folders import PREPARED, TOKENIZER, expect, in_words
from measure import held_text
from precision import bf16_is_faster, fast
from reading import open_model
from rounding import weights_of
from shapes import build
from tokens import CONTROL

UNSAID = "The document does not say."
# Of the needle test's (main/cli/needle-text.ts), none of which training plants; half of them are more than one token.
CITIES = (
    "Cairo Oslo Lima Berlin Chicago Sydney Dakar Paris Madrid Seoul Tokyo Vienna Athens Amman Sofia Bratislava Bangalore Beirut Budapest Bucharest Yerevan Sarajevo "
    "Antananarivo Thimphu Tashkent Kampala Kigali Maputo Doha Khartoum Toronto Damascus Johannesburg Rabat"
).split()


def held_paragraphs(path):
    """Of SQuAD, in the file's order: {text, answered: [(question, answers)], unanswered: [question]}"""
    found = {}
    with open(path, encoding="utf-8") as file:
        for row in map(json.loads, file):
            if "squad" in row["source"]:
                one = found.setdefault(row["context"], {"text": row["context"], "answered": [], "unanswered": []})
                if row["answers"]:
                    one["answered"].append((row["question"], row["answers"]))
                else:
                    one["unanswered"].append(row["question"])
    return list(found.values())


def normalized(text):
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", text).split()


def f1(said, wanted):
    """The best over `wanted`"""
    best, said = 0.0, normalized(said)
    for one in map(normalized, wanted):
        common = sum(min(said.count(word), one.count(word)) for word in set(said))
        best = max(best, 2 * common / (len(said) + len(one)) if common else 0.0)
    return best


def within(results):
    """Mean of shares and two standard errors, in percent"""
    t = 100 * torch.tensor(results, dtype=torch.float64)
    return f"{t.mean():.1f} ± {2 * t.std() / len(t) ** 0.5:.1f}" if len(t) > 1 else f"{t.mean():.1f}"


class Scores:
    def __init__(self, model, data, cut):
        self.model, self.data, self.cut = model, data, cut
        self.answering = Answering(model, refusal=cut.encode(" " + UNSAID, add_special_tokens=False).ids)
        self.held = held_paragraphs(f"{data}/held-qa.jsonl")

    def ids(self, text):
        return self.cut.encode(text, add_special_tokens=False).ids

    def framed(self, text):
        return [CONTROL["bos"], CONTROL["doc"], *self.ids(text)]

    def asked(self, document, questions):
        """-> what is said, the probability that the refusal begins, of each; tokens of the document"""
        ids = self.framed(document)
        said = self.answering.answer(self.answering.read(ids), len(ids), [self.ids(q) for q in questions])
        return [(self.cut.decode(one.ids).strip(), one.doubt) for one in said], len(ids)

    def case(self, r, paragraphs, wants_unanswered=False):
        """-> document, the paragraph asked about, questions that the others answer"""
        while True:
            first = r.randrange(len(self.held) - paragraphs + 1)
            chosen = self.held[first : first + paragraphs]
            fit = [c for c in chosen if c["answered"] and (c["unanswered"] or not wants_unanswered)]
            if fit:
                return "\n\n".join(c["text"] for c in chosen), r.choice(fit), {q for c in chosen for q, _ in c["answered"]}

    def f1(self, paragraphs, count):
        results, exact, tokens = [], [], 0
        for i in range(count):
            r = random.Random(f"f1 {paragraphs} {i}")
            document, gold, _ = self.case(r, paragraphs)
            questions = r.sample(gold["answered"], min(4, len(gold["answered"])))
            found, length = self.asked(document, [q for q, _ in questions])
            tokens += length
            for (said, _), (_, answers) in zip(found, questions):
                results.append(f1(said, answers))
                exact.append(float(any(normalized(said) == normalized(a) for a in answers)))
        return f"F1 {within(results)}, exact {within(exact)} ({len(results)} questions, {tokens // count} tokens)"

    def refuse(self, paragraphs, count):
        pairs, said_not = [], [0, 0]
        for i in range(count):
            r = random.Random(f"refuse {paragraphs} {i}")
            document, gold, known = self.case(r, paragraphs, True)
            vain = [q for q in gold["unanswered"] if q not in known]
            if not vain:
                continue
            found, _ = self.asked(document, [r.choice(gold["answered"])[0], r.choice(vain)])
            pairs.append([share for _, share in found])
            for k, (said, _) in enumerate(found):
                said_not[k] += normalized(said) == normalized(UNSAID)
        n = len(pairs)
        bars = sorted(share for pair in pairs for share in pair)
        best, bar = max(((sum(a < b for a, _ in pairs) + sum(c >= b for _, c in pairs)) / (2 * n), b) for b in bars)
        above = sum((c > a) + 0.5 * (c == a) for a, _ in pairs for _, c in pairs) / n**2
        balanced = (n - said_not[0] + said_not[1]) / (2 * n)
        return f"refused in vain {said_not[1]}/{n}, wrongly {said_not[0]}/{n}: balanced {100 * balanced:.1f}; AUC {above:.2f}, bar {bar:.3f} would give {100 * best:.1f}"

    def hidden(self, r, tokens, pieces, depths):
        """-> ids of a document of held-out text, `pieces` of text within it at these shares of its length"""
        text = [i for part in held_text(self.data, 1024) for i in part[2:]]
        cut = [self.ids(piece) for piece in pieces]
        begin, room = r.randrange(max(1, len(text) - tokens)), tokens - sum(map(len, cut)) - 40
        hay = (text * (tokens // len(text) + 2))[begin : begin + room]
        ids, last = [CONTROL["bos"], CONTROL["doc"]], 0
        for piece, depth in zip(cut, depths):
            at = int(room * depth)
            ids += hay[last:at] + piece
            last = at
        return ids + hay[last:]

    def needle(self, tokens, depths):
        hits = 0
        for i in range(depths):
            r = random.Random(f"needle {tokens} {i}")
            city, number = r.choice(CITIES), str(r.randrange(10**6, 10**7))
            ids = self.hidden(r, tokens, [f"\n\nThe special magic {city} number is: {number} . "], [(2 * i + 1) / (2 * depths)])
            said = self.answering.answer(self.answering.read(ids), len(ids), [self.ids(f"What is the special magic {city} number?")])
            hits += number in self.cut.decode(said[0].ids)
        return f"{hits} of {depths}"

    def needles(self, count, tokens, texts):
        hits = 0
        for i in range(texts):
            r = random.Random(f"needles {count} {tokens} {i}")
            cities, numbers = r.sample(CITIES, count), [str(r.randrange(1, 50001)) for _ in range(count)]
            pieces = [f"\nThe special magic {city} number is: {number}\n" for city, number in zip(cities, numbers)]
            ids = self.hidden(r, tokens, pieces, sorted(r.random() for _ in cities))
            said = self.answering.answer(self.answering.read(ids), len(ids), [self.ids(f"What is the special magic {city} number?") for city in cities])
            hits += sum(number in self.cut.decode(one.ids) for one, number in zip(said, numbers))
        return f"{hits} of {texts * count}"

    def near(self, count):
        lost, right, kinds = [], [], []
        for i in range(count):
            one = self.held[i * len(self.held) // count]
            ids, at, first = [*self.framed(one["text"]), CONTROL["enddoc"]], [], []
            for question, answers in one["answered"][:5]:
                ids += [CONTROL["user"], *self.ids(question)]
                reply = [CONTROL["assistant"], *self.ids(" " + answers[0]), CONTROL["end"]]
                at += range(len(ids), len(ids) + len(reply) - 1)
                first += [1] + [0] * (len(reply) - 2)
                ids += reply
            logits = self.logits(ids, at)
            wanted = torch.tensor([ids[i + 1] for i in at])
            lost += F.cross_entropy(logits, wanted, reduction="none").tolist()
            right += (logits.argmax(-1) == wanted).tolist()
            kinds += first
        by = [[ok for ok, kind in zip(right, kinds) if kind == wanted] for wanted in (1, 0)]
        return f"loss {sum(lost) / len(lost):.3f}, first tokens {within(by[0])}, later {within(by[1])} ({len(by[0])} answers)"

    def text(self, count):
        lost = [F.cross_entropy(self.logits(ids, range(2, 1023)), torch.tensor(ids[3:])).item() for ids in held_text(self.data, 1024)[:count]]
        return f"loss {sum(lost) / len(lost):.3f}"

    @torch.no_grad()
    def logits(self, ids, at):
        rows = torch.tensor([ids])
        with fast("cpu"):
            return self.model(rows, torch.zeros_like(rows), torch.arange(len(ids))[None], torch.tensor([list(at)]))[0].float()


def opened(path):
    """A folder or a checkpoint -> the model, its weights as bf16 where that is the faster kind"""
    if os.path.isdir(path):
        model = open_model(path)
    else:
        kept = torch.load(path, map_location="cpu")
        model = build(kept["params"])
        model.load_state_dict(weights_of(kept))
    if bf16_is_faster():
        # Else every call would make them anew; the stream stays as it is.
        for w in model.layers.parameters():
            w.data = w.data.bfloat16() if w.dim() == 2 else w.data
    return model.eval().requires_grad_(False)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "tokenizer", "model"):
        p.add_argument(name)
    p.add_argument("--sets", default="near:18,text:6,f1:1:40,f1:5:30,refuse:5:30,needle:8192:3")
    args = p.parse_args()
    with in_words():
        expect(args.tokenizer, "tokenizer.json", made=TOKENIZER)
        expect(args.data, "held-qa.jsonl", "held-text.bin", made=PREPARED)
        model = opened(args.model)
    from tokenizers import Tokenizer

    scores = Scores(model, args.data, Tokenizer.from_file(f"{args.tokenizer}/tokenizer.json"))
    for one in args.sets.split(","):
        kind, *numbers = one.split(":")
        print(f"{one}: {getattr(scores, kind)(*map(int, numbers))}", flush=True)


if __name__ == "__main__":
    main()
