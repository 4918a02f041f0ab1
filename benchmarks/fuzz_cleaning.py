"""Fuzz cleaning with coverage: ``python -m benchmarks.fuzz_cleaning -max_total_time=600`` (``pip install atheris``).

Each input is a mixture of free text and of lines that publishers write. It must be cleaned within two seconds, nothing
may be lost, the offsets must be right, and cleaning what is left must remove nothing more.
"""

import sys
import time

import atheris

with atheris.instrument_imports(include=["summarizer.cleaning"]):
    from summarizer.cleaning import clean_text

from summarizer.decoding import normalize

SECONDS = 2.0
LINES = (
    "Share",
    "Comments (3)",
    "Read also: The bridge",
    "By Anna Lindqvist",
    "3 March 2025, 10:41",
    "We use cookies. Accept all",
    "Photo: A. Person/Agency",
    "",
    "(AP) — The council of Marlen voted on Tuesday to keep the ferry running through the winter months.",
    "UPDATE 1-Ferry stays",
    "La mairie a annoncé mercredi que la passerelle resterait fermée jusqu'à la fin du mois.",
    "市议会周三批准修建新的有轨电车线路，工程预计明年春天开工，市民表示欢迎。",
    "نشرت البلدية يوم الأربعاء قرارا بإغلاق الجسر حتى نهاية الشهر المقبل بسبب أعمال الصيانة.",
)


def check(data: bytes) -> None:
    """Clean one input, and raise where a promise is broken."""
    provider = atheris.FuzzedDataProvider(data)
    lines = []
    while provider.remaining_bytes() and len(lines) < 200:
        known = provider.ConsumeIntInRange(0, 2)
        lines.append(provider.PickValueInList(list(LINES)) if known else provider.ConsumeUnicodeNoSurrogates(120))
    page = normalize("\n".join(lines))
    started = time.process_time()
    cleaned = clean_text(page)
    taken = time.process_time() - started
    if taken > SECONDS:
        raise AssertionError(f"{taken:.1f} s for {len(page)} characters")
    for removal in cleaned.removed:
        if page[removal.start : removal.end] != removal.text:
            raise AssertionError(f"wrong offsets of {removal}")
    parts = [cleaned.title or "", *cleaned.paragraphs, *(removal.text for removal in cleaned.removed)]
    if sorted("".join("".join(parts).split())) != sorted("".join(page.split())):
        raise AssertionError(f"something was lost of {page!r}")
    for head in ("", f"{cleaned.title or ''}\n\n"):
        again = clean_text(head + cleaned.text)
        removed = [removal for removal in again.removed if removal.start >= len(head)]
        if removed:
            raise AssertionError(f"cleaning what was clean removed {removed} of {cleaned.text!r} below {head!r}")


if __name__ == "__main__":
    atheris.Setup(sys.argv, check)
    atheris.Fuzz()
