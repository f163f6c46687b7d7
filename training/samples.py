"""Training samples: one document of real paragraphs with planted facts, then a chain of questions about it.

Half of the samples run through; in the other half the self-decoder starts fresh at the conversation and at up to three
places of the document, and half of those skip positions there, so that distances up to 120,000 tokens (a million, by the mixture) are seen.
"""
import math
from dataclasses import dataclass

import numpy as np

from facts import alike, fact, magic
from questions import chat, count_of, from_sentence, gap, headings, quote, some
from tokens import CONTROL

IGNORED = -100
LONGEST_JUMP = 120_000
# Places per answer token at most that attention is drawn to.
POINTED = 4


@dataclass(frozen=True)
class Mixture:
    """What a sample is made of. `facts`: how many planted facts, of the usual number. `absent`: how many questions about
    neighbouring paragraphs are asked in vain, drawn from these. `alike`: share of the samples with 2 to 10 facts of one kind, one more of which is asked
    for in vain at times. `changed`: share of the paragraphs with other digits and
    names. `thinned`: share of real questions that lose words. `enough`: how often questions made from the text are left
    out where there are many others. `asked`: questions of one paragraph at most. `jump`: the longest jump of positions.
    `lengths`: of samples in tokens, with their shares; None: as train.py has them. `real`: real questions and planted facts alone, none made
    of the text, and paragraphs that are asked about instead of filler: a sample has as many real questions as its room allows. `fresh`: share of the samples in which the
    self-decoder starts fresh."""

    facts: float = 1.0
    absent: tuple = (0, 0, 0, 1)
    alike: float = 0.0
    changed: float = 0.5
    thinned: float = 0.3
    enough: float = 0.6
    asked: int = 5
    jump: int = LONGEST_JUMP
    lengths: tuple | None = None
    real: bool = False
    fresh: float = 0.5


MIXTURES = {
    # For a model from nothing: copying comes first.
    "copy": Mixture(),
    # For a pretrained model that cannot find yet: few questions in vain, or it learns to say nothing else, many facts, short texts.
    "find": Mixture(
        facts=0.8, absent=(0, 0, 0, 1), changed=0.3, thinned=0.1, asked=8, jump=1_000_000, lengths=((256, 0.25), (512, 0.4), (1024, 0.35))
    ),
    # For a converted model that still copies: what is missing is finding by meaning, which only real questions teach.
    "real": Mixture(facts=0.6, absent=(0, 0, 0, 1), changed=0.1, thinned=0.0, asked=8, jump=1_000_000, lengths=((512, 0.75), (1024, 0.25)), real=True),
    # For a converted model whose source has learned its questions: most of them within reach of the self-decoder, the others by the cache alone.
    "taught": Mixture(facts=0.6, absent=(0, 0, 0, 1), changed=0.1, thinned=0.0, asked=8, jump=1_000_000, lengths=((512, 0.6), (1024, 0.4)), real=True, fresh=0.4),
    # For one that finds among a few paragraphs: up to a dozen of them, and more questions in vain.
    "among": Mixture(facts=0.6, absent=(0, 1, 2, 4), changed=0.1, thinned=0.0, asked=8, jump=1_000_000, lengths=((512, 0.25), (1024, 0.35), (2048, 0.4)), real=True, fresh=0.4),
    # For one that takes one fact for another of its kind.
    "alike": Mixture(facts=0.3, absent=(0, 1, 2, 4), alike=0.7, changed=0.1, thinned=0.0, asked=8, jump=1_000_000, lengths=((512, 0.5), (1024, 0.5)), real=True, fresh=0.6),
    # For the source of a conversion, which has no self-decoder that could start fresh: its own questions, before it is converted.
    "source": Mixture(facts=0.6, absent=(0, 0, 1), changed=0.1, thinned=0.0, asked=8, lengths=((512, 0.7), (1024, 0.3)), real=True, fresh=0.0),
    # For a model that can read: real questions, whole and in their own words, many of them in vain, distances up to a million.
    "answer": Mixture(facts=0.5, absent=(0, 1, 2, 3, 4, 6), changed=0.25, thinned=0.05, enough=0.9, asked=8, jump=1_000_000),
}


class Element:
    """A paragraph, what may be asked about it, and the planted facts it holds."""

    def __init__(self, tokens, asked=()):
        self.tokens, self.asked, self.planted = tokens, list(asked), []


def planted(corpus, r, wanted):
    """-> facts that cannot be confused, questions about facts that are not in the document"""
    facts, used, absent = [], {}, []
    for _ in range(wanted + 3):
        is_magic = r.random() < 0.35
        key, sentence, question, answer = magic(r) if is_magic else fact(r)
        words = set(key[2:]) | {answer} if not is_magic else {key}
        taken = used.setdefault("magic" if is_magic else key[0], set())
        if words & taken:
            continue
        taken |= words
        if len(facts) < wanted:
            facts.append((is_magic, key, sentence, question, answer))
        else:
            absent.append(corpus.encode(question))
    return facts, absent


def renamed(corpus, r, row, mixture):
    """-> a paragraph and some of its questions; in a part of the cases with other digits and with other names where
    answers have them. A small model sees each question some ten times and else learns answers by heart."""
    text, asked = row["c"], r.sample(row["q"], min(len(row["q"]), mixture.asked))
    if r.random() < mixture.changed:
        digits = corpus.digits[1:]
        others = dict(zip(digits, r.sample(digits, 9))) if r.random() < 0.7 else {}
        for name in {token for _, answer in asked for token in answer if corpus.is_name(token)}:
            if r.random() < 0.7:
                others[name] = corpus.names[int(len(corpus.names) * r.random() ** 2)]
        text = [others.get(token, token) for token in text]
        asked = [([others.get(t, t) for t in q], [others.get(t, t) for t in a]) for q, a in asked]
    asked = [(q[:1] + some(corpus, r, q[1:]) if r.random() < mixture.thinned else q, a) for q, a in asked]
    return text, asked


def asked_about(corpus, r, room, near):
    """Contexts whose questions are asked, neighbours or not, until they fill `room` tokens; those with several questions are preferred"""

    def several(row):
        return len(row["q"]) >= 3 or r.random() < 0.1

    first, rows, used = r.randrange(len(corpus.qa) - 20), [], 0
    while near and not several(corpus.qa[first]):
        first = r.randrange(len(corpus.qa) - 20)
    while used < room * 0.8 and len(rows) < 12:
        row = corpus.qa[first + len(rows)] if near else r.choice(corpus.qa)
        if near or several(row):
            rows.append(row)
            used += len(row["c"]) + 2
    return first, rows


def document(corpus, r, room, mixture):
    """-> tokens, [(question, answer, first and end of the tokens that hold it)], questions it does not answer, facts"""
    encode = corpus.encode
    elements, absent = [], []
    many_alike = alike(r, 1 + r.randrange(2, min(10, room // 60) + 1)) if r.random() < mixture.alike else []
    if many_alike and (r.random() < 0.4 or len(many_alike) < 3):
        absent.append(encode(many_alike.pop()[3]))
    for_alike = sum(len(encode(sentence)) + 2 for _, _, sentence, _, _ in many_alike)
    # A short document has no room for both: facts and quotes teach to copy, which the rest stands on.
    short = room < 250 and not mixture.real
    if mixture.real or r.random() < (0.25 if short else 0.95):
        most = max(2, room // 150)
        n = r.randrange(1 + most * 2 // 3, most + 1)
        near = r.random() < 0.6
        if mixture.real:
            first, rows = asked_about(corpus, r, room - for_alike, near)
            n = len(rows)
        else:
            first = r.randrange(len(corpus.qa) - n - 8)
            rows = [corpus.qa[first + i] if near else r.choice(corpus.qa) for i in range(n)]
        for row in rows:
            elements.append(Element(*renamed(corpus, r, row, mixture)))
        others = corpus.qa[first + n + 1 : first + n + 6] if near else r.sample(corpus.qa, 3)
        # Few at first: a model that cannot find the answer yet would learn to say nothing else.
        absent += [r.choice(row["q"])[0] for row in others[: r.choice(mixture.absent)]]
    many = r.randrange(2, 7) if short else r.randrange(room // 600, 5 + (0 if mixture.real else room // 250))
    facts, more = planted(corpus, r, round(many * mixture.facts))
    absent += more[: r.randrange(0, 3)]
    pieces = []
    facts += many_alike
    for is_magic, key, sentence, question, answer in facts:
        made = Element(encode(sentence), [(encode(question), encode(" " + answer))])
        made.planted = [(is_magic, key, question, answer)]
        made.behind = encode(" " + sentence)
        pieces.append(made)
    counted, mentions = count_of(corpus, r) if not mixture.real and r.random() < 0.08 else (None, [])
    used = sum(len(e.tokens) + 2 for e in elements + pieces) + sum(map(len, mentions))
    filler = corpus.paragraphs(r)
    # Filler is read in vain where there are questions to be asked.
    while used < (room // 4 if mixture.real else room):
        paragraph = next(filler)[: max(8, room - used)]
        elements.append(Element(paragraph))
        used += len(paragraph) + 2
    if r.random() < 0.4:
        r.shuffle(elements)
    own = r.random() < 0.5
    for piece in pieces:
        if own or not elements:
            elements.insert(r.randrange(len(elements) + 1), piece)
        else:
            at = r.randrange(len(elements))
            joined = Element(elements[at].tokens + piece.behind, elements[at].asked + piece.asked)
            joined.planted = elements[at].planted + piece.planted
            elements[at] = joined
    for mention in mentions:
        at = r.randrange(len(elements))
        joined = Element(elements[at].tokens + mention, elements[at].asked)
        joined.planted = elements[at].planted
        elements[at] = joined
    asked = headings(corpus, r, elements, Element) if r.random() < 0.1 else []
    tokens, places, complete = [], {}, True
    for element in elements:
        before = len(tokens)
        tokens += (corpus.blank if tokens else []) + element.tokens
        if len(tokens) > room:
            tokens, complete = tokens[: max(before, room)], False
            break
        places[element] = (before, len(tokens))
    asked = [(q, a, None) for q, a, e in asked if e in places]
    order = [p for e in places for p in e.planted if p[0]]
    for element, place in places.items():
        asked += [(q, a, place) for q, a in element.asked]
    if counted and complete:
        asked.append((*counted, None))
    if len(order) > 1:
        if r.random() < 0.3:
            which, chosen = r.choice((("first", order[0]), ("last", order[-1])))
            asked.append((encode(f"Which magic number comes {which} in the document?"), encode(" " + chosen[3]), None))
        if r.random() < 0.3:
            a, b = r.sample(order, 2)
            asked.append((encode(f"What are the special magic numbers for {a[1]} and {b[1]}?"), encode(f" {a[3]} and {b[3]}"), None))
    return tokens[:room], asked, absent, order


def pointers(text, answer, place):
    """Where each token of `answer` stands within `place` of the document (`text`: its ids as bytes, two each): lists of
    at most POINTED places. An answer that begins a sentence has another first token there, which is then left out."""
    for skipped in (0, 1) if len(answer) > 1 else (0,):
        wanted, found, at = np.array(answer[skipped:], np.uint16).tobytes(), [], 2 * place[0]
        while len(found) < POINTED and (at := text.find(wanted, at, 2 * place[1])) >= 0:
            if at % 2 == 0:
                found.append(at // 2 - skipped)
            at += 1
        if found:
            return [[f + i for f in found] if i >= skipped else [] for i in range(len(answer))]
    return [[]] * len(answer)


def sample(corpus, r, length, mixture=MIXTURES["copy"]):
    """-> ids, segments, positions, targets, weights, pointed, each `length` long; targets are next ids, IGNORED where
    nothing is asked; pointed are the places of the document that the target is copied from."""
    encode = corpus.encode
    turns_room = min(length * 2 // 5, 500 + length // 8)
    room = length * 11 // 16 if mixture.real else length - turns_room - 4
    if length <= 1024 and not mixture.real and r.random() < 0.02:
        tokens, asked, absent, order = [], [], [], []
    else:
        tokens, asked, absent, order = document(corpus, r, room, mixture)
    turns = [[q] for q in asked] + [[(q, corpus.unsaid, None)] for q in absent]
    everywhere = (0, len(tokens))
    text = np.array(tokens, np.uint16).tobytes()
    # What room the questions leave is filled with made ones, two at least; where there are many others, often not more.
    left = length - len(tokens) - 4 - sum(len(q) + len(a) + 3 for turn in turns for q, a, _ in turn)
    least = len(turns) + 2
    made = 0 if mixture.real or not tokens else length // 20
    enough = len(asked) > length // 100 and r.random() < mixture.enough
    for _ in range(made):
        if (left < 40 or enough) and len(turns) >= least:
            break
        share = r.random()
        make = quote if share < 0.06 else gap if share < 0.35 else from_sentence
        question, answer, place = make(corpus, r, tokens)
        if question:
            turns.append([(question, answer, place)])
            left -= len(question) + len(answer) + 3
    if r.random() < (0.02 if mixture.real else 0.25):
        turns.append([(*chat(corpus, r), None)])
    if len(order) > 1 and r.random() < 0.5:
        a, b = r.sample(order, 2)
        follow = r.choice(("And {}?", "And for {}?", "What about {}?")).format(b[1])
        turns.append([(encode(a[2]), encode(" " + a[3]), everywhere), (encode(follow), encode(" " + b[3]), everywhere)])
    r.shuffle(turns)

    ids = [CONTROL["bos"]] + ([CONTROL["doc"], *tokens, CONTROL["enddoc"]] if tokens else [])
    targets = [IGNORED] * len(ids)
    weights = [0.0] * len(ids)
    pointed = [[]] * len(ids)
    for i in range(2, len(ids) - 1):
        targets[i] = ids[i + 1]
    document_end = len(ids)
    for turn in turns:
        for question, answer, place in turn:
            asking = [CONTROL["user"], *question, CONTROL["assistant"]]
            reply = [*answer, CONTROL["end"]]
            if len(ids) + len(asking) + len(reply) > length:
                break
            ids += asking + reply
            targets += [IGNORED] * (len(asking) - 1) + reply + [IGNORED]
            weights += [0.0] * (len(asking) - 1) + [1.0] * len(reply) + [0.0]
            # The document begins behind <|bos|><|doc|>.
            there = [[2 + p for p in one] for one in pointers(text, answer, place)] if place else [[]] * len(answer)
            pointed += [[]] * (len(asking) - 1) + there + [[], []]
    segments, positions = [0] * len(ids), list(range(len(ids)))
    if r.random() < mixture.fresh and document_end > 40:
        jumps = r.random() < 0.5
        for border in [*r.sample(range(2, document_end), r.randrange(0, 4)), document_end]:
            jump = int(math.exp(r.uniform(math.log(16), math.log(mixture.jump)))) if jumps else 0
            for i in range(border, len(ids)):
                segments[i] += 1
                positions[i] += jump
    pad = length - len(ids)
    return (
        ids + [CONTROL["pad"]] * pad,
        segments + [99] * pad,
        positions + [0] * pad,
        targets + [IGNORED] * pad,
        weights + [0.0] * pad,
        pointed + [[]] * pad,
    )


def batch(corpus, r, length, rows, document_positions, mixture=MIXTURES["copy"], lesser=0.3):
    """-> ids, segments, positions [rows, length], at, wanted, weight [rows, M] (1 for an answer's token, `lesser` for a document's), pointed
    [rows, M, POINTED] (-1: none)"""
    made = [sample(corpus, r, length, mixture) for _ in range(rows)]
    most = max(sum(w > 0 for w in m[4]) for m in made) + document_positions
    at = np.zeros((rows, most), dtype=np.int64)
    wanted = np.full((rows, most), IGNORED, dtype=np.int64)
    weight = np.zeros((rows, most), dtype=np.float32)
    pointed = np.full((rows, most, POINTED), -1, dtype=np.int64)
    for row, (*_, targets, weights, places) in enumerate(made):
        answers = [i for i, w in enumerate(weights) if w > 0]
        others = [i for i, (t, w) in enumerate(zip(targets, weights)) if w == 0 and t != IGNORED]
        chosen = answers + r.sample(others, min(document_positions, len(others)))
        at[row, : len(chosen)] = chosen
        wanted[row, : len(chosen)] = [targets[i] for i in chosen]
        weight[row, : len(chosen)] = [1.0 if weights[i] > 0 else lesser for i in chosen]
        for k, i in enumerate(answers):
            pointed[row, k, : len(places[i])] = places[i]
    ids, segments, positions = (np.array([m[i] for m in made], dtype=np.int64) for i in range(3))
    return ids, segments, positions, at, wanted, weight, pointed
