"""Planted facts: sentences with a question and an answer each, in many wordings. Names and numbers are drawn anew every
time. Nothing here occurs in the evaluation (main/cli/evaluate/facts.ts): other templates, none of its 69 cities."""

SYLLABLES = (
    "ba be bi bo bra da de dor el fa fen ga gor ha il ka ken la lin lo ma mar mi na nel no or pa per ra ri ro sa sel si "
    "ta tar te tor u va vel vi wen wi yo za ash brook cor dun glen hol kirk mont ney quin roth shaw thorn wick yar"
).split()
FIRST = (
    "Anna Peter Maria John Clara Henry Ruth Samuel Edith Oscar Nora Felix Ivy Hugo Lena Arthur Rosa Martin Greta Paul "
    "Agnes Victor Helen Simon Ada Robert Julia Walter Emma Louis Thomas Alice George Mary William Sarah James Jane Charles"
).split()
PLACES = "kitchen library garden harbour chapel cellar attic museum station market tower mill archive stable observatory school hospital barn".split()
THINGS = "key watch letter map lantern medal ledger ring compass violin notebook painting sword clock seal book hat coat knife bottle".split()
COLOURS = "red blue green white black yellow grey brown silver golden purple orange pink".split()
TRADES = "baker teacher miller lawyer carpenter painter farmer soldier nurse printer tailor sailor weaver clerk engineer".split()
ANIMALS = "horse dog cat goat parrot donkey falcon cow sheep fox owl".split()
MONTHS = "January February March April May June July August September October November December".split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
# None of them is in the official needle list.
CITIES = (
    "London Rome Prague Warsaw Dublin Geneva Boston Havana Quito Riga Milan Porto Oxford Lyon Turin Bergen Leipzig Denver "
    "Dallas Phoenix Kyoto Osaka Lahore Karachi Hanoi Manila Accra Tripoli Algiers Baku Naples Bristol Cardiff York Perth "
    "Houston Ottawa Quebec Bogota Caracas Managua Tirana Zagreb Vilnius Tallinn Minsk Krakow Seville Valencia Granada"
).split()
# Nor of these: where many facts are alike, names of several tokens and of two words must be told apart, too.
MORE_CITIES = (
    "Addis_Ababa Aleppo Ankara Antwerp Asuncion Bamako Basra Beijing Bishkek Bordeaux Brasilia Bremen Brisbane Bulawayo Calcutta Canberra Cape_Town Cartagena Casablanca "
    "Chennai Chisinau Cologne Cordoba Curitiba Dhaka Dresden Durban Dushanbe Edinburgh Fortaleza Freetown Fukuoka Gaborone Genoa Georgetown Glasgow Gothenburg Guadalajara "
    "Guangzhou Guatemala_City Guayaquil Hamburg Harare Hiroshima Hong_Kong Hyderabad Islamabad Izmir Jaipur Jerusalem Kabul Kathmandu Kingston Kinshasa La_Paz Las_Vegas "
    "Libreville Liverpool Ljubljana Luanda Lucknow Lusaka Macau Malabo Manchester Mandalay Maracaibo Marrakesh Marseille Medellin Memphis Mogadishu Mombasa Monrovia Monterrey "
    "Montevideo Montreal Munich Muscat Nagoya Nashville Ndjamena New_Delhi New_Orleans Niamey Nicosia Nottingham Odessa Omaha Palermo Panama_City Paramaribo Philadelphia "
    "Phnom_Penh Podgorica Port_Moresby Portland Port_of_Spain Pretoria Pyongyang Recife Reykjavik Riyadh Rosario Rotterdam Saint_Petersburg Salvador Samarkand San_Diego San_Jose "
    "San_Salvador Sao_Paulo Sapporo Shenzhen Skopje Stockholm Stuttgart Surabaya Suva Taipei Tbilisi Tegucigalpa Tehran Tijuana Timbuktu Trieste Ulaanbaatar Valparaiso Venice "
    "Vientiane Vladivostok Windhoek Winnipeg Wroclaw Yaounde Yokohama Zanzibar Zurich"
)
MORE_CITIES = [city.replace("_", " ") for city in MORE_CITIES.split()]


def name(r):
    return "".join(r.choice(SYLLABLES) for _ in range(r.choice((2, 2, 3)))).capitalize()


def number(r):
    return str(r.choice((r.randrange(10, 100), r.randrange(100, 1000), r.randrange(1000, 10000), r.randrange(10000, 1000000))))


def year(r):
    return str(r.randrange(1200, 2026))


def person(r):
    return f"{r.choice(FIRST)} {name(r)}"


def town(r):
    return r.choice(CITIES) if r.random() < 0.4 else name(r)


def date(r):
    return f"{r.randrange(1, 29)} {r.choice(MONTHS)}" if r.random() < 0.5 else f"{r.choice(MONTHS)} {r.randrange(1, 29)}"


def money(r):
    return f"{r.randrange(2, 900)} {r.choice(('dollars', 'pounds', 'crowns', 'francs', 'marks'))}"


# What draws the values, the sentence, questions as "text>which value answers".
TEMPLATES = [
    ((town, number), ["The code of {0} is {1}.", "{0} has the code {1}.", "For {0}, use code {1}."], ["What is the code of {0}?>1", "Which code does {0} have?>1", "Which place has the code {1}?>0"]),
    ((person, lambda r: r.choice(PLACES), lambda r: r.choice(THINGS)), ["{0} left the {2} in the {1}.", "In the {1}, {0} forgot the {2}.", "The {2} of {0} was found in the {1}."], ["Where did {0} leave the {2}?>1", "Where was the {2} of {0}?>1", "Who left the {2} in the {1}?>0", "What did {0} leave in the {1}?>2"]),
    ((person, town), ["{0} was born in {1}.", "{1} was the birthplace of {0}."], ["Where was {0} born?>1", "Who was born in {1}?>0", "In which place was {0} born?>1"]),
    ((person, year), ["In {1}, {0} returned home.", "{0} came home in {1}."], ["When did {0} return home?>1", "In what year did {0} come home?>1"]),
    ((town, lambda r: r.choice(COLOURS)), ["The flag of {0} is {1}.", "{0} flies a {1} flag."], ["What colour is the flag of {0}?>1", "Which colour has the flag of {0}?>1"]),
    ((town, person), ["The mayor of {0} is {1}.", "{1} is mayor of {0}.", "{1} was elected mayor of {0}."], ["Who is the mayor of {0}?>1", "Of which town is {1} the mayor?>0"]),
    ((town, number), ["{0} has {1} inhabitants.", "There are {1} people living in {0}."], ["How many inhabitants does {0} have?>1", "How many people live in {0}?>1"]),
    ((person, lambda r: r.choice(THINGS)), ["{0} always carried a {1}.", "Nobody saw {0} without a {1}."], ["What did {0} always carry?>1", "Who always carried a {1}?>0"]),
    ((name, name), ["The river {0} flows into the {1}.", "The {0} is a river that ends in the {1}."], ["Into what does the river {0} flow?>1", "Where does the {0} end?>1"]),
    ((person, money), ["{0} paid {1}.", "It cost {0} {1}.", "{0} had to pay {1} for it."], ["How much did {0} pay?>1", "What did {0} pay?>1", "Who paid {1}?>0"]),
    ((name, person), ["The book {0} was written by {1}.", "{1} is the author of {0}.", "{1} wrote {0} in two years."], ["Who wrote {0}?>1", "Who is the author of {0}?>1", "What did {1} write?>0"]),
    ((town, date), ["The meeting in {0} is on {1}.", "On {1} everyone will meet in {0}."], ["When is the meeting in {0}?>1", "Where is the meeting on {1}?>0"]),
    ((person, person), ["{0} married {1}.", "{0} is the wife of {1}.", "{0} and {1} were married."], ["Whom did {0} marry?>1", "Who is married to {1}?>0"]),
    ((person, lambda r: r.choice(TRADES)), ["{0} was a {1}.", "{0}, a {1}, lived nearby.", "{0} worked as a {1}."], ["What was {0}?>1", "What did {0} do for a living?>1", "Who was a {1}?>0"]),
    ((person, lambda r: r.choice(ANIMALS), name), ["{0} had a {1} called {2}.", "{2} was the {1} of {0}."], ["What was the {1} of {0} called?>2", "Who owned {2}?>0", "What kind of animal was {2}?>1"]),
    ((name, year), ["{0} was founded in {1}.", "The company {0} was started in {1}.", "It was in {1} that {0} was founded."], ["When was {0} founded?>1", "What was founded in {1}?>0"]),
    ((name, person), ["{0} was founded by {1}.", "{1} founded the firm {0}."], ["Who founded {0}?>1", "What did {1} found?>0"]),
    ((name, lambda r: f"{r.randrange(100, 9000)} metres"), ["Mount {0} is {1} high.", "The peak of {0} stands at {1}."], ["How high is {0}?>1", "What is the height of {0}?>1"]),
    ((name, lambda r: f"{r.randrange(2, 900)} miles"), ["The road to {0} is {1} long.", "It is {1} to {0}."], ["How far is it to {0}?>1", "How long is the road to {0}?>1"]),
    ((person, lambda r: str(r.randrange(3, 100))), ["{0} was {1} years old.", "At that time {0} was {1}."], ["How old was {0}?>1", "What was the age of {0}?>1"]),
    ((person, town), ["{0} moved to {1}.", "{0} lives in {1}.", "{1} became the home of {0}."], ["Where does {0} live?>1", "Where did {0} move?>1", "Who lives in {1}?>0"]),
    ((person, year, town), ["{0} died in {1} in {2}.", "In {1} {0} died at {2}."], ["When did {0} die?>1", "Where did {0} die?>2", "Who died in {1}?>0"]),
    ((person, lambda r: r.choice(DAYS)), ["{0} comes every {1}.", "On {1} {0} will visit us."], ["On which day does {0} come?>1", "When will {0} visit?>1"]),
    ((name, lambda r: r.choice(COLOURS), lambda r: r.choice(THINGS)), ["The {2} of {0} is {1}.", "{0} owns a {1} {2}."], ["What colour is the {2} of {0}?>1", "Who has a {1} {2}?>0"]),
    ((name, number), ["Model {0} weighs {1} grams.", "The weight of {0} is {1} grams."], ["What does {0} weigh?>1", "How many grams does {0} weigh?>1"]),
    ((name, lambda r: f"{r.randrange(1, 90)} degrees"), ["{0} melts at {1}.", "Keep {0} below {1}."], ["At what temperature does {0} melt?>1", "Below how many degrees must {0} be kept?>1"]),
    ((name, name), ["The capital of {0} is {1}.", "{1} is the capital of {0}."], ["What is the capital of {0}?>1", "Of what is {1} the capital?>0"]),
    ((name, lambda r: f"{r.randrange(2, 60)} days"), ["Notice under the {0} contract is {1}.", "The {0} agreement may be ended within {1}."], ["What is the notice under the {0} contract?>1", "Within how many days may the {0} agreement be ended?>1"]),
    ((name, lambda r: f"{r.randrange(1, 40)}.{r.randrange(0, 20)}"), ["Version {1} of {0} is needed.", "{0} was released as version {1}."], ["Which version of {0} is needed?>1", "What is the version of {0}?>1"]),
    ((lambda r: f"error {r.randrange(100, 9999)}", name), ["In case of {0}, restart {1}.", "{1} reports {0}."], ["What is to be restarted in case of {0}?>1", "What reports {0}?>1", "Which error does {1} report?>0"]),
    ((person, person), ["{0} sent a letter to {1}.", "{1} received a letter from {0}."], ["To whom did {0} send a letter?>1", "From whom did {1} receive a letter?>0"]),
    ((person, name), ["{0} plays for {1}.", "{1} bought {0}, the best player."], ["For which team does {0} play?>1", "Who plays for {1}?>0"]),
    ((name, lambda r: f"{r.randrange(1, 13)} o'clock"), ["The train to {0} leaves at {1}.", "At {1} the train for {0} departs."], ["When does the train to {0} leave?>1", "Where does the train at {1} go?>0"]),
    ((name, lambda r: str(r.randrange(1, 400))), ["Room {1} belongs to {0}.", "{0} sleeps in room {1}."], ["Which room belongs to {0}?>1", "Who sleeps in room {1}?>0"]),
    ((person, lambda r: r.choice("gold silver bronze".split()), year), ["{0} won {1} in {2}.", "In {2}, {0} took the {1} medal."], ["What did {0} win?>1", "When did {0} win {1}?>2", "Who won {1} in {2}?>0"]),
    ((person, name), ["{0} discovered {1}.", "{1} was discovered by {0}."], ["Who discovered {1}?>0", "What did {0} discover?>1"]),
    ((name, lambda r: f"{r.choice('apples wheat wool copper salt wine coal silk tea timber'.split())}"), ["{0} is known for its {1}.", "{0} sells mostly {1}."], ["What is {0} known for?>1", "What does {0} sell?>1"]),
    ((name, lambda r: r.choice("north south east west".split()), name), ["{0} lies {1} of {2}.", "{1} of {2} one finds {0}."], ["In which direction of {2} lies {0}?>1", "What lies {1} of {2}?>0"]),
    ((person, lambda r: r.choice("French Latin Greek German Russian music law chemistry history drawing".split())), ["{0} teaches {1}.", "{0} studied {1}."], ["What does {0} teach?>1", "What did {0} study?>1"]),
    ((name, person, year), ["The {0} church was designed by {1} in {2}.", "{1} drew the plans of the {0} church in {2}."], ["Who designed the {0} church?>1", "When was the {0} church designed?>2"]),
]
MAGIC = [
    ("The special magic {0} number is {1}.", "What is the special magic {0} number?"),
    ("The special magic {0} number is {1} .", "What is the special magic {0} number?"),
    ("The special magic {0} number is: {1}", "What is the special magic {0} number?"),
    ("One of the special magic numbers for {0} is: {1}.", "What is the special magic number for {0}?"),
    ("The magic number of {0} is {1}.", "What is the magic number of {0}?"),
    ("The secret number for {0} is {1}.", "What is the secret number for {0}?"),
]


def magic(r):
    """-> key, sentence, question, answer; the key tells which facts would be confused."""
    city, n = town(r), number(r) if r.random() < 0.5 else str(r.randrange(1, 50001))
    sentence, question = MAGIC[r.randrange(3)] if r.random() < 0.75 else r.choice(MAGIC)
    return city, sentence.format(city, n), question.format(city), n


def fact(r, which=None, said=None, asked=None):
    """-> key, sentence, question, answer; of TEMPLATES[which], in the `said`th wording, the `asked`th question"""
    which = r.randrange(len(TEMPLATES)) if which is None else which
    draws, sentences, questions = TEMPLATES[which]
    values = [draw(r) for draw in draws]
    question, _, at = (r.choice(questions) if asked is None else questions[asked]).partition(">")
    sentence = (r.choice(sentences) if said is None else sentences[said]).format(*values)
    return (which, question, *(v for i, v in enumerate(values) if str(i) != at)), sentence[0].upper() + sentence[1:], question.format(*values), values[int(at)]


def alike(r, wanted):
    """`wanted` facts of one kind, mostly in the same words, of which each names something else -> [(is_magic, key, sentence, question, answer)]"""
    is_magic, facts, taken = r.random() < 0.6, [], set()
    which = r.randrange(len(MAGIC if is_magic else TEMPLATES))
    _, sentences, questions = (None, *MAGIC[which]) if is_magic else TEMPLATES[which]
    said = r.randrange(len(sentences)) if not is_magic and r.random() < 0.8 else None
    asked = r.randrange(len(questions))
    # Names of one make are the harder to tell apart; as are numbers.
    named = r.choice((town, lambda r: r.choice(MORE_CITIES), lambda r: r.choice((*CITIES, *MORE_CITIES)), name))
    numbered = r.choice((number, lambda r: str(r.randrange(1, 50001)), lambda r: str(r.randrange(10000, 100000))))
    for _ in range(3 * wanted):
        if is_magic:
            key, answer = named(r), numbered(r)
            sentence, question, words = sentences.format(key, answer), questions.format(key), {key, answer}
        else:
            key, sentence, question, answer = fact(r, which, said, asked)
            words = {*key[2:], answer}
        if not words & taken and len(facts) < wanted:
            taken |= words
            facts.append((is_magic, key, sentence, question, answer))
    return facts
