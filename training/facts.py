"""Planted facts: sentences with a question and an answer each, in many wordings. Names and numbers are drawn anew every
time. Templates and cities of the evaluation (HELD_OUT) never occur in training."""
import random

SYLLABLES = "ba be bi bo bra da de dor el fa fen ga gor ha il ka ken la lin lo ma mar mi na nel no or pa per ra ri ro sa sel si ta tar te tor u va vel vi wen wi yo za".split()
FIRST = "Anna Peter Maria John Clara Henry Ruth Samuel Edith Oscar Nora Felix Ivy Hugo Lena Arthur Rosa Martin Greta Paul Agnes Victor Helen Simon Ada Robert Julia Walter Emma Louis".split()
PLACES = "kitchen library garden harbour chapel cellar attic museum station market tower mill archive stable observatory".split()
THINGS = "key watch letter map lantern medal ledger ring compass violin notebook painting sword clock seal".split()
COLOURS = "red blue green white black yellow grey brown silver golden purple orange".split()
CITIES = "Paris Rome Vienna Oslo Cairo Lima Tokyo Delhi Boston Dublin Madrid Athens Warsaw Prague Geneva Toronto Sydney Berlin Moscow Havana Quito Nairobi Seoul Bangkok Lagos Tunis Riga Sofia Milan Porto".split()
HELD_OUT_CITIES = "Lisbon Chicago Amsterdam Jakarta Singapore Montreal Helsinki Budapest Istanbul Melbourne".split()


def name(r):
    return "".join(r.choice(SYLLABLES) for _ in range(r.choice((2, 2, 3)))).capitalize()


def number(r):
    return str(r.choice((r.randrange(10, 100), r.randrange(100, 1000), r.randrange(1000, 10000), r.randrange(10000, 1000000))))


def person(r):
    return f"{r.choice(FIRST)} {name(r)}"


def magic(r, cities=CITIES):
    city, n = (r.choice(cities) if r.random() < 0.6 else name(r)), number(r)
    return f"The special magic {city} number is {n}.", f"What is the special magic {city} number?", n


TEMPLATES = [
    (lambda r: (name(r), number(r)), "The code of {0} is {1}.", ["What is the code of {0}?", "Which code does {0} have?"]),
    (lambda r: (person(r), r.choice(PLACES), r.choice(THINGS)), "{0} left the {2} in the {1}.", ["Where did {0} leave the {2}?>1", "Who left the {2} in the {1}?>0", "What did {0} leave in the {1}?>2"]),
    (lambda r: (person(r), name(r)), "{0} was born in {1}.", ["Where was {0} born?"]),
    (lambda r: (person(r), str(r.randrange(1500, 2020))), "In {1}, {0} returned home.", ["When did {0} return home?", "In what year did {0} return home?"]),
    (lambda r: (name(r), r.choice(COLOURS)), "The flag of {0} is {1}.", ["What colour is the flag of {0}?", "Which colour has the flag of {0}?"]),
    (lambda r: (name(r), person(r)), "The mayor of {0} is {1}.", ["Who is the mayor of {0}?"]),
    (lambda r: (name(r), number(r)), "{0} has {1} inhabitants.", ["How many inhabitants does {0} have?", "How many people live in {0}?"]),
    (lambda r: (person(r), r.choice(THINGS)), "{0} always carried a {1}.", ["What did {0} always carry?"]),
    (lambda r: (name(r), name(r)), "The river {0} flows into the {1}.", ["Into what does the river {0} flow?"]),
    (lambda r: (person(r), number(r)), "{0} paid {1} crowns.", ["How many crowns did {0} pay?", "What did {0} pay?>1"]),
    (lambda r: (name(r), person(r)), "The book {0} was written by {1}.", ["Who wrote {0}?", "Who is the author of {0}?"]),
    (lambda r: (name(r), str(r.randrange(1, 28)), r.choice("January February March April May June July August September October November December".split())), "The meeting in {0} is on {1} {2}.", ["When is the meeting in {0}?>12"]),
]
HELD_OUT = [
    (lambda r: (name(r), person(r)), "The ship {0} was commanded by {1}.", ["Who commanded the ship {0}?"]),
    (lambda r: (name(r), number(r)), "The telephone number of {0} is {1}.", ["What is the telephone number of {0}?"]),
    (lambda r: (person(r), name(r)), "{0} worked as a doctor in {1}.", ["Where did {0} work as a doctor?"]),
    (lambda r: (name(r), str(r.randrange(1200, 2000))), "The bridge of {0} was built in {1}.", ["When was the bridge of {0} built?"]),
]


def fact(r, templates=TEMPLATES):
    """-> sentence, question, answer"""
    if templates is TEMPLATES and r.random() < 0.35:
        return magic(r)
    draw, sentence, questions = r.choice(templates)
    values = draw(r)
    question, _, which = r.choice(questions).partition(">")
    answer = " ".join(values[int(i)] for i in which) if which else values[1]
    return sentence.format(*values), question.format(*values), answer
