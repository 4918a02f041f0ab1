"""Where the files of a model lie."""

from pathlib import Path

from summarizer.cards import ModelCard
from summarizer.errors import ModelNotFoundError


def find_files(card: ModelCard) -> Path:
    """Return the folder with the files of a model.

    :param card: The model's card.
    :raises ModelNotFoundError: If its source is not a folder on this machine.
    """
    folder = Path(card.source)
    if not card.source or not folder.is_dir():
        raise ModelNotFoundError(f"Model {card.name!r}: there is no folder {card.source!r} on this machine.")
    return folder
