"""Every error a user can meet, as one tree.

SummarizerError
├── InputError
│   ├── EmptyInputError          empty_input
│   ├── InputNotFoundError       input_not_found
│   ├── InputTooLargeError       input_too_large
│   ├── UnreadableInputError     unreadable_input
│   ├── NotAnArticleError        not_an_article
│   └── BadRowError              bad_row
├── LanguageError
│   ├── UnknownLanguageError     unknown_language
│   └── UnsupportedLanguageError unsupported_language
├── FetchError
│   ├── FetchRefusedError        fetch_refused
│   └── FetchFailedError         fetch_failed
├── ModelError
│   ├── ModelNotFoundError       model_not_found
│   ├── ModelDownloadError       model_download_failed
│   ├── ModelDamagedError        model_damaged
│   ├── ServerError              server_failed
│   ├── UnsupportedStyleError    unsupported_style
│   └── OutOfMemoryError         out_of_memory
├── BatchError
│   ├── OutputInUseError         output_in_use
│   ├── OutputMismatchError      output_mismatch
│   ├── DiskFullError            disk_full
│   ├── WorkerDiedError          worker_died
│   ├── CacheError               bad_cache
│   ├── JobNotFoundError         job_not_found
│   └── TooManyJobsError         too_many_jobs
└── BadOptionError               bad_option

Each message says what happened and what to do about it; ``code`` never changes between releases.
"""

from typing import ClassVar


class SummarizerError(Exception):
    """Base of all errors that this package raises on purpose."""

    code: ClassVar[str] = "error"

    @property
    def message(self) -> str:
        """What happened and what to do about it, in one or two sentences."""
        return str(self)

    def to_dict(self) -> dict[str, str]:
        """Return the ``error`` object of the JSON result."""
        return {"code": self.code, "message": self.message}


class InputError(SummarizerError):
    """The input cannot be used as it is."""


class EmptyInputError(InputError):
    """Nothing to read: no text at all, or only white space."""

    code = "empty_input"


class InputNotFoundError(InputError):
    """The named file does not exist or is a folder."""

    code = "input_not_found"


class InputTooLargeError(InputError):
    """The input is above a size limit, before or after decompression."""

    code = "input_too_large"


class UnreadableInputError(InputError):
    """The bytes are not text in any encoding that can be told, or a damaged archive."""

    code = "unreadable_input"


class NotAnArticleError(InputError):
    """The text was read, but it is not an article.

    :param message: What was found instead, and what to do.
    :param reason: A stable keyword, such as ``error-page``, ``cookie-wall``, ``paywall``, ``link-list``,
        ``too-short`` or ``not-language``.
    """

    code = "not_an_article"

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[type["NotAnArticleError"], tuple[str, str]]:
        """Survive the way out of another process."""
        return type(self), (self.message, self.reason)

    def to_dict(self) -> dict[str, str]:
        """Return the ``error`` object of the JSON result, with the reason."""
        return {**super().to_dict(), "reason": self.reason}


class BadRowError(InputError):
    """A row of JSON or a table lacks what is needed or has it in the wrong form."""

    code = "bad_row"


class LanguageError(SummarizerError):
    """The language cannot be told or is not served."""


class UnknownLanguageError(LanguageError):
    """The language of the text cannot be told with enough confidence, or the given code means nothing."""

    code = "unknown_language"


class UnsupportedLanguageError(LanguageError):
    """No installed model serves this language or this pair of languages."""

    code = "unsupported_language"


class FetchError(SummarizerError):
    """A page could not be had."""


class FetchRefusedError(FetchError):
    """The address is one that this program does not visit, such as a private network or a file URL."""

    code = "fetch_refused"


class FetchFailedError(FetchError):
    """The server could not be reached, answered with an error, was too slow or sent too much."""

    code = "fetch_failed"


class ModelError(SummarizerError):
    """A model cannot be had or cannot do what was asked."""


class ModelNotFoundError(ModelError):
    """No model card, folder or installed package has this name."""

    code = "model_not_found"


class ModelDownloadError(ModelError):
    """A model that the user asked for could not be downloaded or unpacked."""

    code = "model_download_failed"


class ModelDamagedError(ModelError):
    """Weights do not have the digest that was recorded for them."""

    code = "model_damaged"


class ServerError(ModelError):
    """The server that runs a model could not be reached, refused, was too slow or gave no usable answer."""

    code = "server_failed"


class UnsupportedStyleError(ModelError):
    """The chosen model cannot make summaries of the chosen style."""

    code = "unsupported_style"


class OutOfMemoryError(ModelError):
    """The model ran out of memory over one article alone."""

    code = "out_of_memory"


class BatchError(SummarizerError):
    """A batch cannot be run or go on; what was done is safe."""


class OutputInUseError(BatchError):
    """Another run is writing to this output."""

    code = "output_in_use"


class OutputMismatchError(BatchError):
    """The output is there already, and of another input, of other options or of another program."""

    code = "output_mismatch"


class DiskFullError(BatchError):
    """There is no room for more results."""

    code = "disk_full"


class WorkerDiedError(BatchError):
    """A process that was cleaning an article died over it, more than once."""

    code = "worker_died"


class CacheError(BatchError):
    """The file of kept results is damaged, of another program or version, or cannot be opened."""

    code = "bad_cache"


class JobNotFoundError(BatchError):
    """There is no such job on this server, or no longer."""

    code = "job_not_found"


class TooManyJobsError(BatchError):
    """As many jobs wait as may wait."""

    code = "too_many_jobs"


class BadOptionError(SummarizerError):
    """An option has a value that means nothing."""

    code = "bad_option"
