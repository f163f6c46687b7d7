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


def from_sentence(corpus, r, tokens):
    """-> a question made of one sentence, the name, number or few words left out of it, their place. What is asked for
    decides the first word ("Who", "When", "How many"); the others are the sentence's, some dropped and the halves in
    either order (cloze translation by noise: Lewis et al. 2019, arXiv 1906.04980, section 2.3)."""
    if len(tokens) < 40:
        return None, None, None
    for _ in range(16):
        at = r.randrange(8, len(tokens) - 12)
        kind = begins(corpus, tokens, at)
        if not kind or tokens[at] in corpus.little or (kind == 1 and r.random() < 0.85) or tokens[at - 1] in corpus.stops:
            continue
        end = phrase(corpus, r, tokens, at, kind)
        first = next((i + 1 for i in range(at - 1, max(0, at - 32), -1) if tokens[i] in corpus.stops), max(0, at - 32))
        last = next((i for i in range(end, min(len(tokens), end + 32)) if tokens[i] in corpus.stops), min(len(tokens), end + 32))
        left, right = tokens[max(first, at - r.randrange(4, 20)) : at], tokens[end : min(last, end + r.randrange(4, 20))]
        while left and len(left) < at - first and not begins(corpus, left + [0], 0):
            left.pop(0)
        if left and left[0] in corpus.small and (first == at - len(left) or r.random() < 0.1):
            left[0] = corpus.small[left[0]]
        place = bool(left) and left[-1] in corpus.of_position
        if left and left[-1] in corpus.little and r.random() < 0.6:
            left.pop()
        left, right = (some(corpus, r, half) if r.random() < 0.8 else half for half in (left, right))
        if sum(corpus.words[t] > 0 and t not in corpus.little for t in left + right) < 3:
            continue
        begin = corpus.encode(opening(r, kind, place, end - at))
        halves = right + left if kind != 3 and (len(left) < 3 or r.random() < 0.3) else left + right
        return begin + halves + corpus.encode("?"), tokens[at:end], (at, end)
    return None, None, None


def phrase(corpus, r, tokens, at, kind):
    """Where the name, number or words that begin at `at` end"""
    end, most = at + 1, len(tokens) - 4
    if kind == 3:
        while end < most and (corpus.words[tokens[end]] == 3 or corpus.words[tokens[end + 1]] == 3 and tokens[end] in corpus.marks):
            end += 1
        return end
    for _ in range(r.choice((1, 1, 2, 3)) if kind == 1 else 5):
        while end < most and tokens[end] in corpus.going_on:
            end += 1
        if end >= most or corpus.words[tokens[end]] != kind or tokens[end] in corpus.little:
            break
        end += 1
    while end < most and tokens[end] in corpus.going_on:
        end += 1
    return end


def opening(r, kind, place, size):
    if kind == 3:
        # A space and four digits: mostly a year.
        return r.choice(("When", "When did", "When was", "In what year", "In which year", "What year")) if size == 5 else r.choice(("How many", "How many", "How much", "What number of"))
    if kind == 1:
        return r.choice(("What", "What", "What is", "What was", "What did", "What kind of", "How"))
    if place and r.random() < 0.6:
        return r.choice(("Where", "Where did", "Where was", "Where is", "In what place", "What city", "In which country"))
    return r.choice(("Who", "Who", "Who was", "What", "What is", "What is the name of", "Which", "Whose", "Whom"))


def some(corpus, r, tokens):
    """Whole words dropped: little ones often, others seldom."""
    kept, keep = [], True
    for token in tokens:
        if corpus.words[token]:
            keep = r.random() > (0.35 if token in corpus.little else 0.15)
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
