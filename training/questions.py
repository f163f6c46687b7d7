"""Questions made from the document itself: fill the gap, quote what follows, count, which chapter, and plain talk."""
from facts import name

GAP = "Fill the gap: "
QUOTE = ("What comes after: ", "Quote what follows: ", "How does this go on: ")
CHAT = [
    (("Hello", "Hello!", "Hi", "Good morning", "Hi there!"), ("Hello! Ask me something about the document.",)),
    (("What can you do?", "How can you help me?", "What are you for?", "Help"), ("I answer questions about the document that was read.",)),
    (("Who are you?", "What are you?", "What is your name?"), ("I am Readonce. I read a document once and answer questions about it.",)),
    (("Thank you", "Thanks!", "Thank you very much.", "Thanks"), ("You are welcome.",)),
    (("Bye", "Goodbye", "See you"), ("Goodbye!",)),
]
MENTIONS = (" Then {0} came by.", " {0} said nothing.", " It was {0} again.", " Nobody had asked {0}.", " They waited for {0}.", " {0} knew it too.")
COUNTS = ("How many times is {0} mentioned?", "How often is {0} mentioned?")
PARTS = ("Chapter", "Section", "Part", "Article")


def chat(corpus, r):
    asked, replies = r.choice(CHAT)
    return corpus.encode(r.choice(asked)), corpus.encode(" " + r.choice(replies))


def begins(corpus, tokens, i):
    """2 where a name begins at `i`, 3 where a number does, 1 where another word does, else 0."""
    kind = corpus.words[tokens[i]]
    if tokens[i] == corpus.space:
        return 3 if corpus.words[tokens[i + 1]] == 3 else 0
    return kind if kind < 3 else 0


def gap(corpus, r, tokens):
    """-> "Fill the gap: words … words", the one to three words left out (capitals and numbers are preferred), their place"""
    if len(tokens) < 60:
        return None, None, None
    for _ in range(12):
        at = r.randrange(20, len(tokens) - 24)
        kind = begins(corpus, tokens, at)
        if not kind or (kind == 1 and r.random() < 0.9):
            continue
        words = [i for i in range(at + 1, at + 9) if begins(corpus, tokens, i)]
        if not words:
            continue
        end = words[min(len(words) - 1, r.choice((0, 0, 1, 1, 2)))]
        left, right = tokens[at - r.randrange(5, 19) : at], tokens[end : end + r.randrange(3, 15)]
        if r.random() < 0.35:
            left, right = thinned(corpus, r, left), thinned(corpus, r, right)
        side = r.random()
        if side < 0.15:
            left = []
        elif side < 0.45:
            right = []
        if len(left) + len(right) < 5:
            continue
        question = corpus.encode(GAP) + left + corpus.encode(" ...") + right
        answer = tokens[at:end]
        return question, answer, (at, end)
    return None, None, None


def thinned(corpus, r, tokens):
    """Some words dropped, so that the place must be found by what is left."""
    kept, keep = [], True
    for i, token in enumerate(tokens[:-1]):
        if begins(corpus, tokens, i):
            keep = r.random() > 0.3
        if keep:
            kept.append(token)
    return kept


def quote(corpus, r, tokens):
    """-> "What comes after: words", the words that follow, their place"""
    if len(tokens) < 80:
        return None, None, None
    for _ in range(8):
        at = r.randrange(1, len(tokens) - 40)
        if begins(corpus, tokens, at):
            middle, end = at + r.randrange(6, 14), at + r.randrange(18, 30)
            if begins(corpus, tokens, middle) and begins(corpus, tokens, end):
                return corpus.encode(r.choice(QUOTE)) + tokens[at:middle], tokens[middle:end], (middle, end)
    return None, None, None


def count_of(corpus, r):
    """-> (question, answer), sentences to be spread"""
    who, n = name(r), r.choice((1, 2, 2, 3, 3, 4, 5))
    question = corpus.encode(r.choice(COUNTS).format(who))
    return (question, corpus.encode(f" {n}")), [corpus.encode(r.choice(MENTIONS).format(who)) for _ in range(n)]


def headings(corpus, r, elements, Element):
    """Puts "Chapter 3" before some elements -> [(which chapter mentions X, answer, the element that does)]"""
    part, number, asked = r.choice(PARTS), r.choice((1, 1, 1, r.randrange(1, 90))), []
    size = r.randrange(1, 5)
    at = 0
    while at < len(elements):
        title = f"{part} {number}"
        for element in elements[at : at + size]:
            for _, key, question, answer in element.planted:
                subject = answer if answer[:1].isupper() else None
                if subject and r.random() < 0.6:
                    asked.append((corpus.encode(f"Which {part.lower()} mentions {subject}?"), corpus.encode(" " + title), element))
        elements.insert(at, Element(corpus.encode(title)))
        at += size + 1
        number += 1
    return asked
