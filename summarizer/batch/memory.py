"""How much memory a program and the processes below it hold."""

import os
from contextlib import suppress
from pathlib import Path


def measure_memory() -> int | None:
    """Return the resident bytes of this process and all below it; ``None`` where there is no /proc.

    Pages that several processes share are counted for each of them.
    """
    pages, waiting, seen = 0, [os.getpid()], set[int]()
    while waiting:
        process = waiting.pop()
        if process not in seen:
            seen.add(process)
            pages += _resident_pages(process)
            waiting += _children(process)
    return pages * os.sysconf("SC_PAGE_SIZE") if pages else None


def _resident_pages(process: int) -> int:
    # A process may end at any time.
    with suppress(OSError):
        return int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return 0


def _children(process: int) -> list[int]:
    found: list[int] = []
    with suppress(OSError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            found += map(int, (thread / "children").read_text().split())
    return found
