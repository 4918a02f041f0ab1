"""How often somebody may ask."""

import time
from collections import OrderedDict
from collections.abc import Callable


class RateLimit:
    """Buckets of tokens, one for each user or address: full at first, refilled evenly.

    :param per_minute: Requests that are allowed in a minute, all at once or spread.
    :param most: Callers that are remembered; the one that was quiet for longest is forgotten first.
    :param clock: Seconds that only go up.
    """

    def __init__(self, per_minute: int, most: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = float(per_minute)
        self._per_second = per_minute / 60
        self._most = most
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> float:
        """Take a token.

        :param caller: Who asks.
        :return: 0 where there was one, else the seconds until there is.
        """
        tokens = self._tokens(caller)
        granted = tokens >= 1
        self._buckets[caller] = (tokens - granted, self._clock())
        self._buckets.move_to_end(caller)
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return 0.0 if granted else (1 - tokens) / self._per_second

    def wait(self, caller: str) -> float:
        """Return the seconds until this caller has a token, and take none."""
        return max(0.0, (1 - self._tokens(caller)) / self._per_second)

    def _tokens(self, caller: str) -> float:
        tokens, since = self._buckets.get(caller, (self._size, 0.0))
        return min(self._size, tokens + (self._clock() - since) * self._per_second)
