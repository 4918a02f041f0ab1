"""Lines that surround a story in every newspaper: credits, bylines, dates, and datelines at a paragraph's start."""

import re
from functools import lru_cache

import regex

from summarizer.cleaning.blocks import BLOCKS, Block
from summarizer.tokens import find_words

_AGENCIES = (
    "AFP|AP|Reuters|dpa|EFE|ANSA|TASS|ТАСС|РИА Новости|Интерфакс|Xinhua|Kyodo|Yonhap|Bloomberg|"
    "Getty(?: Images)?|EPA|PTI|ANI|"
    "IANS|UPI|Lusa|MENAFN|PA|AAP|SID|APA|Agencia\\s?\\w+|Agência\\s\\w+|Укрінформ|УНІАН|Anadolu|AA|DHA|"
    "İHA|IRNA|WAM|SPA|KUNA|"
    "共同|时事|時事|新华社|新華社|中新社|연합뉴스|뉴시스|뉴스1|بنا|وام|واس|رويترز|أ ف ب"
)
_CREDIT_WORDS = (
    "photo(?:graph)?s?|images?|pictures?|picture alliance|foto(?:s|graf(?:ía|ia|ie)?)?|bild(?:er)?|"
    "imagen|imagem|crédito|credit|crédit|credito|"
    "file photo|archivfoto|symbolfoto|symbolbild|фото|зображення|图|图片|圖|写真|撮影|摄影|攝影|사진|ภาพ|صورة|الصورة|"
    "تصوير|عکس|तस्वीर|फोटो|फ़ोटो|fotoğraf|zdjęcie|graphic|grafik|video|illustration|"
    "ছবি|ảnh|picha|gambar|φωτο(?:γραφία)?|צילום|kuva|fotó|снимка|снимок|ფოტო|լուսանկար|fotografija|nuotr|fotografie"
)
_CREDIT = re.compile(
    rf"(?:^|[\s(\[（/|])(?:(?:{_CREDIT_WORDS})(?:\s+(?:credit|by|de|par|von|di|courtesy))?\s*[:：／/]|©|"
    rf"\(c\)|courtesy of|copyright\s*(?=©|\(c\)|\d{{4}}))\s*\S"
    rf"|[/／](?:攝影|摄影|撮影)|(?:攝影|摄影|撮影|提供)[)）]?$"
    rf"|\b(?:{_AGENCIES})\s*/\s*[A-Z]|/\s*(?:{_AGENCIES})\b|(?:getty images|shutterstock|istock|imago|"
    rf"picture alliance|alamy|unsplash)",
    re.IGNORECASE,
)
#: One of these stands in every credit: looking for them first is ten times as fast.
_CREDIT_SIGNS = (
    *":：／/©", "(c)", "courtesy", "copyright", "攝影", "摄影", "撮影", "提供",
    "getty", "shutterstock", "istock", "imago", "picture alliance", "alamy", "unsplash",
)  # fmt: skip
_CAPTION_LEAD = re.compile(
    r"^(?:above:|pictured|in this photo|file\s*[-–—]|image caption|media caption|bildunterschrift|"
    r"légende|leyenda|legenda|подпись|(?:photo|foto|bild|фото)\s*[:：])",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"^(?:written by|by|von|par|por|de|di|door|av|af|автор|текст|автори|yazan|reporting by|editing by|"
    r"edited by|reported by|"
    r"text|texte?|texto|redacción|redaktion|redação|редакция|author|autor|auteur|reporter|correspondent|"
    r"कार्यालय संवाददाता|"
    r"بقلم|كتب|كتبت|haber|लेखक|संवाददाता|โดย|ผู้สื่อข่าว|记者|責任編輯|责任编辑|编辑|作者|文／|文/|記者|文・|"
    r"기자)(?:\s*[:：]\s*|\s+|(?=[\u3400-\u9fff]))",
    re.IGNORECASE,
)
_BYLINE_TAIL = re.compile(r"(?:記者|记者|기자|特派员|特派員|編集委員)\s*(?:\S+@\S+)?$|\S+@\S+\.\w+$")
#: Characters in which a byline's end is looked for; in a row of signs without a space the search is quadratic.
_TAIL = 200
_MONTHS = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic|janv|févr|mars|avr|mai|juin|juil|"
    "août|déc|märz|okt|dez|"
    "fev|set|out|gen|mag|giu|lug|ott|январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|декабр|"
    "січ|лют|берез|квіт|трав|черв|лип|серп|верес|жовт|листоп|груд|ocak|şubat|nisan|mayıs|haziran|temmuz|"
    "ağustos|eylül|ekim|kasım|aralık|"
    "يناير|فبراير|مارس|أبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر|जनवरी|फरवरी|मार्च|"
    "अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|अक्टूबर|नवंबर|दिसंबर|"
    "ม\\.ค|ก\\.พ|มี\\.ค|เม\\.ย|พ\\.ค|มิ\\.ย|ก\\.ค|ส\\.ค|ก\\.ย|ต\\.ค|พ\\.ย|ธ\\.ค|มกราคม|กุมภาพันธ์|"
    "มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม"
)
_DATE = re.compile(
    rf"\b\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}\b|\d{{4}}\s*[年년]|\b\d{{1,2}}(?:st|nd|rd|th|\.|"
    rf"º)?(?:\s+de)?\s+(?:{_MONTHS})|"
    rf"\b(?:{_MONTHS})\w*\.?\s+\d{{1,2}}\b|\b\d{{1,2}}:\d{{2}}\b|\b(?:hours?|minutes?|days?) ago\b|"
    rf"\bmin(?:ute)?s? read\b",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_PUBLISHED = re.compile(
    r"(?:published|updated|posted|veröffentlicht|aktualisiert|publicado|actualizado|atualizado|publié|"
    r"mis à jour|pubblicato|"
    r"опубликовано|обновлено|güncelleme|yayınlanma|نشر|प्रकाशित|अपडेट)",
    re.IGNORECASE,
)
#: A dateline at the head of a paragraph: "(AP) — ", "LIMA, May 3 (Agency) - ", "【東京=共同】", "ТОКИО, 3 мая — ".
_DATELINES = (
    re.compile(rf"[^\W\d_][^\n.:!?]{{1,40}}?\s[-–—]\s(?:{_AGENCIES})(?:\s*[.:]\s+|\s+[-–—]\s+)"),
    re.compile(r"\((?=[^()]*[A-ZА-ЯÀ-Þ]{2}|" + f"(?:{_AGENCIES})\\b" + r")[^()\d]{2,30}\)\s*(?:[-–—:.]+\s*)?"),
    re.compile(r"[^\W\d_a-z][\w .,'’/-]{1,50}\((?=[^()\n]*[^\W\d_]{2})(?:[^()\n]{2,40})\)\s*(?:[-–—:.]\s*)+"),
    regex.compile(r"\p{Lu}[\p{Lu}\p{M}][\p{Lu}\p{M} .'’/-]{1,40}(?:,\s*[^()\n–—]{1,30}?)?\s+[-–—]+\s+"),
    re.compile(
        r"(?:【[^】\n]{1,30}】|[（(][^）)\n]{1,30}(?:電|讯|訊|电|报道|報道|=[^）)\n]{1,12})[）)]|(?:新华社|新華社|中新社|"
        r"中新网)[^，。\n]{0,24}[电電])\s*"
    ),
    re.compile(r"[\u0400-\u04ff\u0600-\u06ff\u0900-\u0dff][^\n.:!?،]{1,40}[(（][^()\n]{2,30}[)）]\s*(?:[-–—:.ـ।]\s*)+"),
    re.compile(r"[\u0600-\u06ff][^\n.:!?،\-–—]{1,30}\s[-–—]\s[^\n.:!?،\-–—]{2,40}\s[-–—]\s"),
    re.compile(r"[\u3400-\u9fff]{2,10}[讯訊电電][（(](?:记者|記者|通讯员|實習|实习)[^）)\n]{1,30}[）)]"),
)


_AGENCY = re.compile(rf"(?<![^\W\d_])(?:{_AGENCIES})(?![^\W\d_])")
#: How agencies mark a new version of a report, in its headline.
_VERSION = re.compile(r"(?:(?:UPDATE|WRAPUP|RPT|REFILE|CORRECTED|CORRECTION|REPEAT)\s?\d*\s?[-–—:]\s*)+(?=\S)")


def find_agency(dateline: str) -> str | None:
    """Return the news agency that a dateline names."""
    found = _AGENCY.search(dateline)
    return found[0] if found else None


def version_end(headline: str) -> int:
    """Return where the mark of an agency's version at the head of a headline ends ("UPDATE 1-"); 0 without one."""
    match = _VERSION.match(headline)
    return match.end() if match else 0


def find_author(byline: str) -> str | None:
    """Return the names in a byline, without "By"."""
    match = _BYLINE.match(byline)
    return byline[match.end() :].strip(" ,|•·-–") or None if match else None


@lru_cache(maxsize=BLOCKS)
def is_credit(block: Block) -> bool:
    """Whether the block credits a picture: "Photo: NAME", "NAME/AGENCY"; may stand after a caption."""
    signed = block.letters <= 260 and any(sign in block.name for sign in _CREDIT_SIGNS)
    return signed and bool(_CREDIT.search(block.text))


@lru_cache(maxsize=BLOCKS)
def is_caption(block: Block) -> bool:
    """Whether the block describes a picture by its opening words."""
    return block.letters <= 260 and bool(_CAPTION_LEAD.match(block.text))


@lru_cache(maxsize=BLOCKS)
def is_byline(block: Block) -> bool:
    """Whether the block names who wrote the story."""
    if block.ends_sentence or len(block.words) > 14 or block.letters > 110:
        return False
    if _BYLINE_TAIL.search(block.text[-_TAIL:]):
        return True
    match = _BYLINE.match(block.text)
    return bool(match) and _is_name(block.text[match.end() :])  # type: ignore[union-attr]


def _is_name(text: str) -> bool:
    words = [word for word in find_words(text) if len(word) > 2]
    return bool(words) and sum(word[0].isupper() or not word.isascii() for word in words) >= 0.7 * len(words)


@lru_cache(maxsize=BLOCKS)
def is_date(block: Block) -> bool:
    """Whether the block is a date line: a date or a time and little else."""
    if block.letters > 50 or len(block.words) > 10 or block.is_paragraph:
        return False
    dated = _DIGIT.search(block.text) and _DATE.search(block.text)
    return bool(dated or _PUBLISHED.match(block.text))


def dateline_end(text: str) -> int:
    """Return where the dateline at the head of a paragraph ends; 0 where there is none."""
    for pattern in _DATELINES:
        match = pattern.match(text)
        if match and match.end() < len(text) / 2:
            return match.end()
    return 0
