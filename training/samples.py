"""Makes training samples: one long document with planted facts and real paragraphs, then a chain of questions about it."""
import json

import numpy as np

from facts import TEMPLATES, fact, magic
from tokens import CONTROL

IGNORED = -100


class Corpus:
    def __init__(self, folder, bpe):
        raw = np.fromfile(f"{folder}/text.bin", dtype=np.uint16)
        ends = np.flatnonzero(raw >= 65534)
        starts = np.concatenate(([0], ends[:-1] + 1))
        keep = (ends - starts > 12) & (ends - starts < 700)
        self.raw, self.spans = raw, np.stack((starts[keep], ends[keep]), 1)
        with open(f"{folder}/qa.jsonl") as file:
            self.qa = [json.loads(line) for line in file]
        self.bpe = bpe
        self.blank = bpe.encode("\n\n")
        self.unsaid = bpe.encode(" The document does not say.")

    def paragraphs(self, r):
        """Neighbouring paragraphs from a random place: a text, not a heap."""
        at = r.randrange(len(self.spans) - 1)
        while True:
            begin, end = self.spans[at]
            yield self.raw[begin:end].tolist()
            at = (at + 1) % len(self.spans)
            if r.random() < 0.03:
                at = r.randrange(len(self.spans))


def sample(corpus, r, length):
    """-> ids, segments, targets, weights, each `length` long; targets are next ids, IGNORED where nothing is asked."""
    encode = corpus.bpe.encode
    turns_room = min(length // 3, 420 + 100 * (length > 2048))
    room = length - turns_room - 4
    facts = []
    seen = set()
    for _ in range(r.randrange(3, 10)):
        made = magic(r) if r.random() < 0.3 else fact(r, TEMPLATES)
        if made[1] not in seen:
            seen.add(made[1])
            facts.append(made)
    pieces = [encode(" " + f[0] if r.random() < 0.5 else f[0]) for f in facts]
    asked = [(encode(q), encode(" " + a)) for _, q, a in facts]

    questions = r.sample(asked, min(len(asked), r.randrange(2, 7)))
    body = []
    if r.random() < 0.75:
        # Several contexts side by side in the file are of one article: alike enough to be told apart.
        first = r.randrange(len(corpus.qa) - 8)
        for row in corpus.qa[first : first + r.randrange(1, 6 if length <= 1024 else 9)]:
            body.append(row["c"])
            for q, a in r.sample(row["q"], min(len(row["q"]), 3)):
                questions.append((q, a or corpus.unsaid))
    if r.random() < 0.5:
        for _ in range(r.randrange(1, 3)):
            _, q, _ = magic(r) if r.random() < 0.5 else fact(r)
            if q not in seen:
                questions.append((encode(q), corpus.unsaid))
    r.shuffle(questions)

    used = sum(len(c) + 2 for c in body) + sum(len(p) + 2 for p in pieces)
    filler = corpus.paragraphs(r)
    while used < room:
        paragraph = next(filler)
        body.append(paragraph)
        used += len(paragraph) + 2
    if r.random() < 0.3:
        r.shuffle(body)
    for piece in pieces:
        if body and r.random() < 0.6:
            # At the end of a paragraph, or as a paragraph of its own.
            at = r.randrange(len(body))
            body[at] = body[at] + piece
        else:
            body.insert(r.randrange(len(body) + 1), piece)
    document = []
    for paragraph in body:
        if document:
            document += corpus.blank
        document += paragraph
    # Cut from the end; a fact that was cut away is asked all the same and is then not said.
    cut = document[:room]
    text = np.array(cut, dtype=np.int32).tobytes()
    ids = [CONTROL["bos"], CONTROL["doc"], *cut, CONTROL["enddoc"]]
    targets = [IGNORED] * len(ids)
    weights = [0.0] * len(ids)
    for i in range(2, len(ids) - 1):
        targets[i] = ids[i + 1]
    document_end = len(ids)
    for question, answer in questions:
        turn = [CONTROL["user"], *question, CONTROL["assistant"]]
        found = answer is corpus.unsaid or holds(text, answer, corpus)
        reply = [*(answer if found else corpus.unsaid), CONTROL["end"]]
        if len(ids) + len(turn) + len(reply) > length:
            break
        ids += turn + reply
        targets += [IGNORED] * (len(turn) - 1) + reply + [IGNORED]
        weights += [0.0] * (len(turn) - 1) + [1.0] * len(reply) + [0.0]
    segments = [0] * len(ids)
    if r.random() < 0.5:
        # The self-decoder starts fresh at the conversation, and sometimes inside the document.
        borders = sorted(r.sample(range(2, document_end), r.randrange(0, 4)) + [document_end]) if document_end > 40 else [document_end]
        for border in borders:
            for i in range(border, len(ids)):
                segments[i] += 1
    pad = length - len(ids)
    return (
        ids + [CONTROL["pad"]] * pad,
        segments + [99] * pad,
        targets + [IGNORED] * pad,
        weights + [0.0] * pad,
    )


def holds(text, answer, corpus):
    """The answer's tokens stand in the document (its first one may lack the space)."""
    tail = np.array(answer[1:], dtype=np.int32).tobytes()
    return len(answer) < 2 or tail in text


def batch(corpus, r, length, rows, document_positions):
    """-> ids, segments [rows, length], at, wanted, weight [rows, M]"""
    made = [sample(corpus, r, length) for _ in range(rows)]
    most = max(sum(w > 0 for w in m[3]) for m in made) + document_positions
    at = np.zeros((rows, most), dtype=np.int64)
    wanted = np.full((rows, most), IGNORED, dtype=np.int64)
    weight = np.zeros((rows, most), dtype=np.float32)
    for row, (_, _, targets, weights) in enumerate(made):
        answers = [i for i, w in enumerate(weights) if w > 0]
        others = [i for i, (t, w) in enumerate(zip(targets, weights)) if w == 0 and t != IGNORED]
        chosen = answers + r.sample(others, min(document_positions, len(others)))
        at[row, : len(chosen)] = chosen
        wanted[row, : len(chosen)] = [targets[i] for i in chosen]
        weight[row, : len(chosen)] = [1.0 if weights[i] > 0 else 0.3 for i in chosen]
    ids = np.array([m[0] for m in made], dtype=np.int64)
    segments = np.array([m[1] for m in made], dtype=np.int64)
    return ids, segments, at, wanted, weight
