"""Rows of tokens that are run together: those of like length, no more than a device has room for."""

from collections.abc import Iterator, Sequence

from summarizer.errors import BadOptionError

#: Share of a GPU's free memory that a batch may take.
_SHARE = 0.5


def choose_device(device: str) -> str:
    """Return ``cpu`` or ``cuda``.

    :param device: One of these, or ``auto`` for a GPU where there is one.
    :raises BadOptionError: If it is none of these, or there is no GPU.
    """
    if device not in ("auto", "cpu", "cuda"):
        raise BadOptionError(f"Device {device!r} means nothing: use auto, cpu or cuda.")
    if device == "cpu":
        return device
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if device == "cuda":
        raise BadOptionError("There is no GPU that PyTorch can use here: use --device cpu or auto.")
    return "cpu"


def find_budget(device: str, on_cpu: int, token_bytes: int) -> int:
    """Return how many tokens a batch may have, filling included.

    :param device: ``cpu`` or ``cuda``.
    :param on_cpu: The answer for a CPU, which a few hundred tokens keep busy: more only take memory.
    :param token_bytes: What a token takes on a GPU while it is worked on; as many as its free memory holds are taken.
    """
    if device == "cpu":
        return on_cpu
    import torch

    free, _ = torch.cuda.mem_get_info()
    return max(on_cpu, int(_SHARE * free) // token_bytes)


def cut_batches(sizes: Sequence[int], budget: int) -> Iterator[list[int]]:
    """Yield the places of rows that are run together, the longest first.

    :param sizes: Tokens of each row.
    :param budget: Most tokens of a batch, with every row filled up to the longest; a row that has more is alone.
    """
    batch: list[int] = []
    for place in sorted(range(len(sizes)), key=lambda place: -sizes[place]):
        if batch and (len(batch) + 1) * sizes[batch[0]] > budget:
            yield batch
            batch = []
        batch.append(place)
    if batch:
        yield batch
