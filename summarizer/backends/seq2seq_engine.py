"""What runs an encoder-decoder model: ids in, ids out, whatever library multiplies the matrices."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final, Protocol

from typing_extensions import Self

from summarizer.backends.batching import cut_batches
from summarizer.backends.seq2seq_languages import Hints

#: Tokens read at once on a CPU, padding included.
BATCH_TOKENS: Final = 4096


@dataclass(frozen=True, slots=True)
class Search:
    """How the best text is searched for: arguments of ``generate``, by the same names.

    :param least: Fewest tokens that are written.
    :param most: Most tokens that are written.
    :param scored: Whether to tell the likelihood of what was written.
    """

    num_beams: int = 1
    length_penalty: float = 1.0
    repetition_penalty: float = 1.0
    no_repeat_ngram_size: int = 0
    early_stopping: bool = False
    least: int = 0
    most: int = 256
    scored: bool = False

    @classmethod
    def from_settings(cls, *settings: Mapping[str, Any], **defaults: Any) -> Self:
        """Return the search that settings ask for; the earlier go before the later, and all before the defaults.

        :param settings: Arguments of ``generate``; those that are none of ours, or ``None``, do not count.
        :param defaults: What holds where the settings are silent.
        """
        found = dict(defaults)
        for mapping in reversed(settings):
            found.update({name: value for name, value in mapping.items() if value is not None})
        return cls(**{field.name: found[field.name] for field in fields(cls) if field.name in found})


@dataclass(frozen=True, slots=True)
class Output:
    """What was written for one input.

    :param ids: Its tokens, without the start of the decoder and the end.
    :param finished: Whether the model came to an end by itself.
    :param likelihood: Mean log-probability of its tokens in nats, the end included; 0 where it was not asked for.
    """

    ids: tuple[int, ...]
    finished: bool
    likelihood: float = 0.0


class Engine(Protocol):
    """Runs one model.

    :param budget: Tokens of inputs that it reads at once, padding included.
    """

    budget: int

    def generate(self, inputs: Sequence[Sequence[int]], hints: Hints, search: Search) -> list[Output]:
        """Write one text for each input, all at once.

        :param inputs: What the encoder reads.
        :param hints: The languages.
        :param search: How to search, and how long to write.
        """
        ...


def generate_all(
    engine: Engine,
    inputs: Sequence[Sequence[int]],
    hints: Hints,
    search: Search,
    find_most: Callable[[int], int] | None = None,
) -> list[Output]:
    """Write one text for each input, in batches of about the same length.

    :param engine: The model.
    :param inputs: What the encoder reads, any number of inputs.
    :param hints: The languages.
    :param search: How to search.
    :param find_most: Returns from the tokens of an input how many are written for it at most.
    :return: As many as went in, in the same order.
    """
    outputs: dict[int, Output] = {}
    for places in cut_batches([len(ids) for ids in inputs], engine.budget):
        longest = len(inputs[places[0]])
        chosen = replace(search, most=find_most(longest)) if find_most else search
        outputs.update(zip(places, engine.generate([inputs[place] for place in places], hints, chosen), strict=True))
    if find_most is None:
        return [outputs[place] for place in range(len(inputs))]
    # What is written of one input does not depend on its neighbours.
    return [_shorten(outputs[place], find_most(len(ids))) for place, ids in enumerate(inputs)]


def _shorten(output: Output, most: int) -> Output:
    return output if len(output.ids) <= most else Output(output.ids[:most], False, output.likelihood)
