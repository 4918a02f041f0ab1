"""Users and hashes of their passwords, in a file of lines ``user:hash`` that is read again when it changes.

A hash says how it was made: ``$scrypt$ln=14,r=8,p=1$SALT$KEY``, both in base64 without padding (the PHC string format,
https://github.com/P-H-C/phc-string-format). scrypt is RFC 7914; its costs are those that OWASP recommends.
"""

import hmac
import logging
import os
import re
import threading
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import cache
from hashlib import scrypt
from pathlib import Path

from summarizer.errors import BadOptionError

logger = logging.getLogger(__name__)

#: log2 of the CPU and memory cost, the block size and the parallelism: 16 MiB and some 0.1 seconds for each try.
_COST, _BLOCK, _PARALLEL = 14, 8, 5
_FORM = re.compile(r"\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{16,86})\$([A-Za-z0-9+/]{22,86})")
#: Above it a line of the file would make each try a burden.
_MAX_COST = 18


@dataclass(frozen=True, slots=True)
class _Hash:
    cost: int
    block: int
    parallel: int
    salt: bytes
    key: bytes

    def fits(self, password: str) -> bool:
        made = _derive(password, self.salt, self.cost, self.block, self.parallel, len(self.key))
        return hmac.compare_digest(made, self.key)


def hash_password(password: str, cost: int = _COST) -> str:
    """Return a hash of a password, with a salt of its own.

    :param password: The password.
    :param cost: Binary logarithm of what each try costs.
    :raises BadOptionError: If the password is empty.
    """
    if not password:
        raise BadOptionError("The password is empty. Choose one of twelve characters or more.")
    salt = os.urandom(16)
    key = _derive(password, salt, cost, _BLOCK, _PARALLEL, 32)
    return f"$scrypt$ln={cost},r={_BLOCK},p={_PARALLEL}${_encode(salt)}${_encode(key)}"


class PasswordFile:
    """The users of a file.

    :param path: The file; empty lines and those that begin with ``#`` mean nothing.
    :raises BadOptionError: If it cannot be read, names nobody, or has a line of another form.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._secret = os.urandom(32)
        self._known: set[bytes] = set()
        self._stamp = _stamp(path)
        self._hashes = _read_hashes(path)

    def knows(self, user: str, password: str) -> bool:
        """Return whether this password was right before, which is told at once.

        Browsers send it with every request, and hashing takes as long as it does on purpose. So what was right is
        recognized by a keyed digest from then on, until the file changes.
        """
        self._current()
        return self._digest(user, password) in self._known

    def check(self, user: str, password: str) -> bool:
        """Return whether the file lets this user in with this password; hashes it."""
        hashes = self._current()
        # A name that nobody has takes as long as one that somebody has.
        right = hashes.get(user, _nobody()).fits(password) and user in hashes
        with self._lock:
            if right and self._hashes is hashes:
                self._known.add(self._digest(user, password))
        return right

    def _digest(self, user: str, password: str) -> bytes:
        return hmac.digest(self._secret, f"{user}\0{password}".encode("utf-8", "surrogatepass"), "sha256")

    def _current(self) -> dict[str, _Hash]:
        """Return the hashes; those of before stay while a changed file cannot be used."""
        with self._lock:
            stamp = _stamp(self._path)
            if stamp != self._stamp:
                self._stamp = stamp
                self._known.clear()
                try:
                    self._hashes = _read_hashes(self._path)
                except BadOptionError as error:
                    logger.error("The users of before stay: %s", error)
            return self._hashes


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        status = path.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino)


def _read_hashes(path: Path) -> dict[str, _Hash]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeError) as error:
        raise BadOptionError(f"The file of users {path} cannot be read ({error}).") from error
    hashes: dict[str, _Hash] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        user, colon, hashed = line.strip().partition(":")
        if not (user and colon) or user in hashes:
            raise BadOptionError(f"Line {number} of {path} is not user:hash of a new user.")
        try:
            hashes[user] = _parse_hash(hashed)
        except BadOptionError as error:
            raise BadOptionError(f"Line {number} of {path}: {error.message}") from error
    if not hashes:
        raise BadOptionError(f"{path} names no user. Add a line that `summarizer serve --hash-password` makes.")
    return hashes


def _parse_hash(hashed: str) -> _Hash:
    match = _FORM.fullmatch(hashed)
    if match is None or not 10 <= int(match[1]) <= _MAX_COST or not (1 <= int(match[2]) <= 16 and int(match[3]) >= 1):
        raise BadOptionError("This is no hash of a password. Make one with `summarizer serve --hash-password`.")
    return _Hash(int(match[1]), int(match[2]), int(match[3]), _decode(match[4]), _decode(match[5]))


@cache
def _nobody() -> _Hash:
    """Return a hash that no password has."""
    return _Hash(_COST, _BLOCK, _PARALLEL, os.urandom(16), os.urandom(32))


def _derive(password: str, salt: bytes, cost: int, block: int, parallel: int, length: int) -> bytes:
    memory = 128 * block * ((1 << cost) + parallel + 2)
    data = password.encode("utf-8", "surrogatepass")
    return scrypt(data, salt=salt, n=1 << cost, r=block, p=parallel, maxmem=2 * memory, dklen=length)


def _encode(data: bytes) -> str:
    return b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return b64decode(text + "=" * (-len(text) % 4))
