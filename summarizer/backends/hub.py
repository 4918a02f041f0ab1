"""Where the files of other people's models lie on this machine."""

from pathlib import Path

from summarizer.cards import ModelCard
from summarizer.errors import ModelNotFoundError


def find_files(card: ModelCard) -> Path:
    """Return the folder with a model's files.

    :param card: The model's card; its source is a folder.
    :raises ModelNotFoundError: If there is no such folder.
    """
    folder = Path(card.source)
    if not folder.is_dir():
        raise ModelNotFoundError(f"The model {card.name!r} is not on this machine: there is no folder {card.source!r}.")
    return folder
