"""Encryption of what platforms give out, so that whoever gets at the database or a backup of it has no token.

Fernet (AES-128-CBC and HMAC-SHA256) under several keys: the newest seals, each opens. Without `CRUX_SECRET_KEYS` the
keys are in `secrets.key` in the data folder, a line each, newest first; it is made with the first thing that is sealed,
for its owner's eyes only. Where the setting is there, keys of the file still open what they have sealed.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.errors import ConfigurationError

KEY_FILE: Final = "secrets.key"


def new_key() -> str:
    """A key, as `CRUX_SECRET_KEYS` and the key file take it."""
    return Fernet.generate_key().decode()


class Sealing:
    """A `bot.core.installations.Sealer`.

    Args:
        folder: the data folder, where the key file is.
        keys: the operator's, newest first; without any the key file's are used.
    """

    def __init__(self, folder: Path, keys: Sequence[str] = ()) -> None:
        self._file = folder / KEY_FILE
        self._own = [_fernet(key, "CRUX_SECRET_KEYS") for key in keys]

    def count(self) -> int:
        """How many keys there are.

        Raises:
            ConfigurationError: the key file can't be read, or has a key that is none.
        """
        return len(self._own) + len(self._of_file())

    def seal(self, data: bytes) -> bytes:
        """Encrypt under the newest key.

        Raises:
            ConfigurationError: the key file can't be made or read.
        """
        return self._keys(make=True).encrypt(data)

    def open(self, sealed: bytes) -> bytes:
        """What was sealed.

        Raises:
            ConfigurationError: none of the keys opens it, or the key file can't be read.
        """
        try:
            return self._keys(make=False).decrypt(sealed)
        except InvalidToken:
            raise ConfigurationError(_NO_KEY_FITS) from None

    def _keys(self, *, make: bool) -> MultiFernet:
        of_file = self._of_file()
        if not self._own and not of_file:
            if not make:
                raise ConfigurationError(_NO_KEY_FITS)
            self._make()
            of_file = self._of_file()
        return MultiFernet([*self._own, *of_file])

    def _of_file(self) -> list[Fernet]:
        try:
            lines = self._file.read_text(encoding="utf-8", errors="replace").split()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise ConfigurationError(f"{self._file} can't be read ({error.strerror}); correct it.") from None
        return [_fernet(line, str(self._file)) for line in lines]

    def _make(self) -> None:
        unfinished = self._file.with_name(f"{self._file.name}.{secrets.token_hex(4)}")
        try:
            handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(handle, f"{new_key()}\n".encode())
                os.fsync(handle)
            finally:
                os.close(handle)
            with suppress(FileExistsError):  # another process was first, and its key counts
                os.link(unfinished, self._file)
            unfinished.unlink()
        except OSError as error:
            raise ConfigurationError(
                f"{self._file} can't be written ({error.strerror}): make its folder writable, or set CRUX_SECRET_KEYS."
            ) from None


_NO_KEY_FITS: Final = (
    "No key opens the tokens of an installation: put the key that sealed them back into CRUX_SECRET_KEYS or the data "
    "folder's secrets.key, or have the bot installed again."
)


def _fernet(key: str, where: str) -> Fernet:
    try:
        return Fernet(key.strip())
    except ValueError:
        raise ConfigurationError(f"{where} has a key that is none; `crux secrets new` prints a new one.") from None
