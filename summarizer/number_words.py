"""The words for numbers, magnitudes and months in any language, taken from the CLDR data that ICU carries.

Tables by hand hold only what CLDR lacks: newspaper abbreviations, words for "about", and the small numbers of some
languages.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from unicodedata import normalize

import regex
from icu4py.messageformat import MessageFormat

# Marks that the spellings of one word differ by: Latin accents, Arabic vowels and hamzas, nukta, soft hyphens.
_OPTIONAL = regex.compile(r"[\u0300-\u036f\u0640\u064b-\u0655\u093c\u00ad\u200b]")
_DIRECTION = regex.compile(r"[\u200e\u200f\u061c]")
_SPELLED = (*range(1, 101), *range(200, 1001, 100))
_RULES = ("", ",%spellout-cardinal-feminine", ",%spellout-cardinal-neuter", ",%spellout-cardinal-masculine-genitive")
_ORDINAL_RULES = (",%spellout-ordinal", ",%spellout-ordinal-masculine", ",%spellout-ordinal-feminine")

#: Powers of ten. A short form that may also mean something else ("5 m" are metres) is marked with "?".
_MAGNITUDES = {
    "en": "k?3 thousands3 lakh5 lakhs5 lac5 m?6 mn6 mln6 millions6 crore7 crores7 b?9 bn9 billions9 tn12 trn12",
    "am": "ሚልዮን6 ሚሊየን6 ቢልዮን9 ቢሊየን9",
    "ar": "الاف3 الفا3 مليونا6 مليوني6 مليونين6 ملايين6 مليارا9 ملياري9 مليارين9 مليارات9 بليون9",
    "bn": "হাজার3 লাখ5 লক্ষ5 মিলিয়ন6 কোটি7 বিলিয়ন9",
    "cs": "mil?6",
    "de": "tsd3 mill6 mio6 mrd9",
    "es": "mill6 mdd6",
    "fr": "k?3 milliers3 m?6 mds9 mrd9 mrds9",
    "hi": "हजार3 लाख5 मिलियन6 करोड़7 बिलियन9 अरब9",
    "ig": "puku3 nde6 ijeri9",
    "id": "rb3 jt6 milyar9 m?9 t?12",
    "it": "mila3 mln6 mld9 mrd9",
    "mr": "दशलक्ष6",
    "nl": "dzd3 mln6 miljoen6 mld9 mrd9 miljard9",
    "pt": "milhares3 mi6 milhao6 bi9 bilhao9 biliao12 bilioes9 tri12",
    "sk": "mil?6",
    "tr": "mn6 mln6 mr9 mlr9 trl12",
    "ur": "لاکھ5 کروڑ7 ارب9 ملین6 بلین9",
    "vi": "ngan3 ti9",
}

#: The numbers from one on, where CLDR has no spelling rules or not these forms.
_CARDINALS = {
    "bn": "এক দুই তিন চার পাঁচ ছয় সাত আট নয় দশ এগারো বারো",
    "eu": "bat bi hiru lau bost sei zazpi zortzi bederatzi hamar hamaika hamabi",
    "gl": "un dous tres catro cinco seis sete oito nove dez once doce",
    "ha": "daya biyu uku hudu biyar shida bakwai takwas tara goma",
    "mr": "एक दोन तीन चार पाच सहा सात आठ नऊ दहा अकरा बारा",
    "pa": "ਇੱਕ ਦੋ ਤਿੰਨ ਚਾਰ ਪੰਜ ਛੇ ਸੱਤ ਅੱਠ ਨੌਂ ਦਸ ਗਿਆਰਾਂ ਬਾਰਾਂ",
    "so": "hal laba saddex afar shan lix toddoba siddeed sagaal toban",
    "te": "ఒకటి రెండు మూడు నాలుగు ఐదు ఆరు ఏడు ఎనిమిది తొమ్మిది పది పదకొండు పన్నెండు",
    "tr": "bir iki üç dört beş altı yedi sekiz dokuz on onbir oniki",
    "ur": "ایک دو تین چار پانچ چھ سات آٹھ نو دس گیارہ بارہ",
    "ar": "واحد اثنين ثلاث اربع خمس ست سبع ثمان تسع عشر",
    "ko": "하나 두 세 네 다섯 여섯 일곱 여덟 아홉 열 열한 열두",
    "zh": "一 两 三 四 五 六 七 八 九 十",
}
_DOZENS = (
    "dozen dozens dutzend docena docenas douzaine douzaines dozzina duzia duzias dozijn dussin dusin tucet tuzin "
    "tuzina дюжина дюжины дюжину düzine lusin"
)

# What is written together with the word that follows: "and", "in", "the".
_PROCLITICS = {
    "am": regex.compile("^[በየለከእ]"),
    "ar": regex.compile("^[وف]?[بلك]?(?:ال)?"),
    "fa": regex.compile("^و"),
    "he": regex.compile("^[ובלמהכש]{1,2}"),
    "ti": regex.compile("^[ብናን]"),
}

#: Words after which a number need only be near.
_ABOUT = (
    "about around roughly approximately nearly almost some over under above below exceeding least most than "
    "etwa rund circa ca knapp gut fast uber mehr bis zu weniger als "
    "environ pres presque quelque plus moins "
    "alrededor cerca casi unos unas aproximadamente mas menos "
    "quase aproximadamente mais menos "
    "quasi oltre piu meno ongeveer bijna ruim meer dan omkring nasten naer nastan lahes noin yli "
    "около почти примерно более менее порядка свыше близько майже понад около niemal blisko ponad okolo prawie "
    "yaklasik neredeyse fazla asti sekitar hampir lebih khoang gan hon "
    "نحو حوالي حوالى قرابه اكثر اقل تقريبا حدود بيش نزديك تقریبا لگ بھگ تقريبا "
    "लगभग करीब तकरीबन प्राय প্রায় 约 約 大约 大約 近 超过 超過 逾 およそ 약 거의"
)
ABOUT = frozenset(_ABOUT.split())


@dataclass(frozen=True, slots=True)
class NumberWords:
    """What one language writes beside digits and instead of them; all words are folded.

    ``heads`` are the first four letters of everything there is to find, so that most words need no second look.
    """

    cardinals: Mapping[str, Decimal]
    ordinals: Mapping[str, Decimal]
    magnitudes: Mapping[str, Decimal]
    stems: tuple[tuple[str, Decimal], ...]
    doubtful: frozenset[str]
    months: Mapping[str, int]
    full_months: Mapping[str, int]
    magnitude_first: bool
    months_inflect: bool
    months_have_capitals: bool
    decimal_mark: str
    heads: frozenset[str]

    def month(self, word: str, *, inflected: bool) -> int | None:
        """Return the month that a word names, also in an inflected form if so asked."""
        exact = self.months.get(word)
        if exact is not None or not inflected:
            return exact
        best, shared = None, 2 if self.months_inflect else 3
        for name, month in self.full_months.items():
            common = common_length(name, word) if name[:2] == word[:2] else 0
            if common > shared and common >= len(name) - 2 and len(word) <= len(name) + 5:
                best, shared = month, common
        return best

    def unspaced_magnitude(self, text: str) -> str | None:
        """Return the magnitude that a text without spaces begins with."""
        if text.isascii():
            return None
        fitting = [name for name in self.magnitudes if len(name) > 1 and not name.isascii() and text.startswith(name)]
        return max(fitting, key=len, default=None)

    def magnitude(self, word: str) -> Decimal | None:
        """Return the power of ten that a word stands for, also in an inflected form."""
        exact = self.magnitudes.get(word)
        if exact is not None:
            return exact
        for stem, factor in self.stems:
            if word.startswith(stem) and len(word) <= len(stem) + 4:
                return factor
        return None


def common_length(one: str, other: str) -> int:
    """Return how many letters two words have in common at their beginnings."""
    return next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def strip_proclitics(word: str, language: str) -> str:
    """Return a word without the "and", "in" or "the" that some languages write as its first letters."""
    pattern = _PROCLITICS.get(language.split("-")[0])
    return pattern.sub("", word) if pattern is not None and len(word) > 3 else word


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """Return a word without case and without the marks that writers leave out."""
    bare = _OPTIONAL.sub("", normalize("NFKD", word.casefold()))
    return normalize("NFC", bare.replace("-", " ").replace("\u2010", " "))


@lru_cache(maxsize=256)
def number_words(language: str) -> NumberWords:
    """Return the number words of a language; one that CLDR does not know gets those of English.

    :param language: A BCP-47 code.
    """
    base = language.split("-")[0]
    magnitudes = dict(_cldr_magnitudes(language))
    doubtful = set()
    for item in _MAGNITUDES.get(base, "").split() + _MAGNITUDES["en"].split():
        word = item.rstrip("0123456789")
        if word.endswith("?"):
            doubtful.add(word[:-1])
        magnitudes.setdefault(fold(word.rstrip("?")), Decimal(10) ** int(item[len(word) :]))
    cardinals = {fold(word): Decimal(12) for word in _DOZENS.split()}
    cardinals |= {fold(word): Decimal(i) for i, word in enumerate(_CARDINALS.get(base, "").split(), 1)}
    cardinals |= _spell(language, _RULES)
    ordinals = {word: value for word, value in _spell(language, _ORDINAL_RULES).items() if word not in cardinals}
    millions = _compact(language, "compact-long").format({"n": 5_000_000})
    phrases = (*cardinals, *ordinals, *magnitudes, *_months(language, ("MMMM", "LLLL", "MMM", "LLL")))
    stems = tuple((word, factor) for word, factor in magnitudes.items() if len(word) > 4)
    return NumberWords(
        cardinals=cardinals,
        ordinals=ordinals,
        magnitudes=magnitudes,
        stems=stems,
        doubtful=frozenset(doubtful),
        months=_months(language, ("MMMM", "LLLL", "MMM", "LLL")),
        full_months=_months(language, ("MMMM", "LLLL")),
        magnitude_first=base in {"ig", "yo"} or not millions[:1].isdigit(),
        months_inflect=_months(language, ("MMMM",)) != _months(language, ("LLLL",)),
        months_have_capitals=base == "en",
        heads=frozenset(phrase.split(" ")[0][:4] for phrase in phrases),
        decimal_mark=MessageFormat("{n,number}", f"{language}-u-nu-latn").format({"n": 0.5})[1],
    )


@lru_cache(maxsize=256)
def weekdays(language: str) -> frozenset[str]:
    """Return the folded names of the days of the week.

    :param language: A BCP-47 code.
    """
    name = MessageFormat("{d,date,EEEE}", f"{language}-u-ca-gregory")
    return frozenset(fold(name.format({"d": datetime(2024, 1, day)})) for day in range(1, 8))


def _spell(language: str, rules: tuple[str, ...]) -> dict[str, Decimal]:
    spelled: dict[str, Decimal] = {}
    for rule in rules:
        spell = MessageFormat(f"{{n,spellout{rule}}}", language)
        for number in _SPELLED:
            word = fold(spell.format({"n": number}))
            if not regex.search(r"\d", word):
                spelled.setdefault(word, Decimal(number))
    return spelled


def _cldr_magnitudes(language: str) -> Iterator[tuple[str, Decimal]]:
    """Take the words off compact numbers: "5 millones" says that "millones" is a million."""
    for style in ("compact-long", "compact-short"):
        compact = _compact(language, style)
        for exponent in range(3, 14):
            for count in (1, 2, 5):
                number = count * Decimal(10) ** exponent
                shown = _DIRECTION.sub("", compact.format({"n": number}))
                digits = regex.search(r"\d+", shown)
                word = fold(regex.sub(r"[\d.,\s]+", " ", shown).strip())
                if len(word) > 1 or (word and style == "compact-long"):
                    yield word, number / (Decimal(digits[0]) if digits else count)


def _compact(language: str, style: str) -> MessageFormat:
    return MessageFormat(f"{{n,number,:: {style} latin}}", f"{language}-u-nu-latn")


def _months(language: str, patterns: tuple[str, ...]) -> dict[str, int]:
    months: dict[str, int] = {}
    for pattern in patterns:
        name = MessageFormat(f"{{d,date,{pattern}}}", f"{language}-u-ca-gregory")
        for month in range(1, 13):
            word = fold(name.format({"d": datetime(2024, month, 15)})).strip(". ")
            if not regex.search(r"\d", word):
                months.setdefault(word, month)
    return months
