"""Puts a draft into its file: whole and sound, or not at all."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.core.arguments import ArgumentMap
from bot.errors import BadInput
from bot.maps import load_map


def check_target(path: Path, *, force: bool) -> None:
    """See that a file can be written, before any work is done for it.

    Raises:
        BadInput: it exists, or its folder doesn't or can't be written; the message says what to do.
    """
    if path.is_dir():
        raise BadInput(f"{path} is a folder; name a file with --output.")
    if not force and os.path.lexists(path):
        raise BadInput(f"{path} exists already; name another file with --output, or pass --force to replace it.")
    if not path.parent.is_dir():
        raise BadInput(f"{path.parent} is no folder; make it, or name another file with --output.")
    if not os.access(path.parent, os.W_OK):
        raise BadInput(f"The folder {path.parent} can't be written; name a file elsewhere with --output.")


def save(path: Path, text: str, *, force: bool) -> ArgumentMap:
    """Write a map's file if it reads as a sound map; returns the map.

    Raises:
        MapError: the text is no sound map. Nothing is written then.
        BadInput: the file can't be written, or was made by somebody else meanwhile.
    """
    try:
        with _beside(path) as (descriptor, new):
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            found = load_map(new)
            new.chmod(0o666 & ~_umask())
            if force:
                new.replace(path)
            else:
                _moved(new, path)
    except FileExistsError as error:
        raise BadInput(f"{path} has been made meanwhile; name another file with --output.") from error
    except OSError as error:
        raise BadInput(f"{path} can't be written ({error.strerror}); name another file with --output.") from error
    return found


@contextmanager
def _beside(path: Path) -> Iterator[tuple[int, Path]]:
    """A temporary file in the same folder, gone at the end."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".part", dir=path.parent)
    try:
        yield descriptor, Path(name)
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()


def _moved(new: Path, path: Path) -> None:
    """Rename without replacing; on file systems without hard links, as near to that as there is.

    Raises:
        FileExistsError: the path is taken.
    """
    try:
        path.hardlink_to(new)
    except FileExistsError:
        raise
    except OSError:
        if os.path.lexists(path):
            raise FileExistsError(path) from None
        new.replace(path)


def _umask() -> int:
    """The rights that new files are not given; there is no way to read them but to set them."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
