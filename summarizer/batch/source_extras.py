"""Packages that only some inputs and outputs need."""

from importlib import import_module
from typing import Any

from summarizer.errors import BadOptionError


def load_extra(module: str, purpose: str) -> Any:
    """Import a module of the extra ``batch``.

    :param module: Its name.
    :param purpose: What it is needed for, as the beginning of a sentence.
    :return: The module.
    :raises BadOptionError: If it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise BadOptionError(f"{purpose} needs {package}: pip install 'news-summarizer[batch]'") from error
