"""Addresses of extracts: what is one, and how one is shown without the secrets that it may hold.

Not here: transfers (fetch.py).
"""

from __future__ import annotations

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit


def is_address(name: str) -> bool:
    """Whether the name of an extract is an address, not a file beside round.yml."""
    return "://" in name


def shown_address(address: str) -> str:
    """An address as messages show it: without user, password, query and fragment."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def public_name(name: str) -> str:
    """The name of an extract as a release may tell it."""
    return shown_address(name) if is_address(name) else name


def file_name(address: str) -> str:
    """The name of the file at an address: the last part of its path, or the host where there is none."""
    parts = urlsplit(address)
    return PurePosixPath(unquote(parts.path)).name or parts.netloc.rpartition("@")[2]
