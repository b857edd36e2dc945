"""Bytes from an address (https, s3, ... : whatever fsspec knows): with time-outs, retries and a limit on their size.

Here: addresses, transfers and what may go wrong with them. Credentials come from the environment and the configuration
of fsspec and of the services' own libraries; an address of round.yml may hold none. No message shows the query of an
address or the text of a library's error, since both may hold secrets.
"""

from __future__ import annotations

import errno
import os
import ssl
import time
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from orchestration.common.addresses import shown_address
from orchestration.common.problems import Problem
from orchestration.extracts.byte_blocks import BLOCK_SIZE, Summary, blocks_of, passed
from orchestration.extracts.errors import ExtractError

if TYPE_CHECKING:
    from orchestration.settings import Settings

# Doubled before each further try.
FIRST_PAUSE_SECONDS = 1.0

_OBJECT_STORE_BLOCK = 8 * BLOCK_SIZE
_SECRET_PARAMETERS = {
    "access_token", "api_key", "apikey", "auth", "key", "pass", "password", "pwd", "secret", "sig", "signature",
    "tempauth", "token", "x-amz-credential", "x-amz-security-token", "x-amz-signature", "x-goog-credential",
    "x-goog-signature",
}  # fmt: skip
_TRANSIENT_STATUS = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_TRANSIENT_ERRNO = {errno.EBUSY, errno.EREMOTEIO, errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH}
_GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}
_REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class _CutShortError(Exception):
    """Fewer bytes came than were announced."""


def fetch(address: str, settings: Settings, into: IO[bytes] | None = None) -> Summary:
    """Let the bytes at an address pass, into a file if one is given, which is then overwritten from its beginning.

    Raises ExtractError with reason and remedy; after `fetch_retries` further tries where the fault may pass.
    """
    _check(address)
    tries = 0
    while True:
        tries += 1
        try:
            return _transfer(address, settings, into)
        except ExtractError:
            raise
        except Exception as error:  # of any library that fsspec uses
            problem, may_pass = _problem(address, error, tries, settings), _is_transient(error)
        if not may_pass or tries > settings.fetch_retries:
            # Here, not in the handler: the chain of errors would show the whole address.
            raise ExtractError([problem])
        time.sleep(FIRST_PAUSE_SECONDS * 2 ** (tries - 1))


def _check(address: str) -> None:
    shown, parts = shown_address(address), urlsplit(address)
    secrets = sorted({name for name, _ in parse_qsl(parts.query) if name.lower() in _SECRET_PARAMETERS})
    if "@" in parts.netloc:
        secrets = ["user or password", *secrets]
    if secrets:
        remedy = (
            "take them out of round.yml, change them, and set the new ones in the environment of the deployment "
            "(FSSPEC_HTTPS, AWS_ACCESS_KEY_ID, ...)"
        )
        raise ExtractError([Problem(shown, f"the address holds credentials: {', '.join(secrets)}", remedy)])
    if "::" in address:
        raise ExtractError([Problem(shown, "an address behind another address", "give the address of the file itself")])


def _transfer(address: str, settings: Settings, into: IO[bytes] | None) -> Summary:
    shown = shown_address(address)
    if into is not None:
        into.seek(0)
        into.truncate()
    with _opened(address, settings) as remote:
        announced = _announced_size(remote)
        if announced is not None and announced > settings.extract_size_limit:
            raise ExtractError([too_large(shown, settings)])
        summary = passed(_limited(blocks_of(remote), shown, settings), into)
    if announced is not None and summary.size != announced:
        raise _CutShortError
    return summary


def _limited(blocks: Iterable[bytes], shown: str, settings: Settings) -> Iterator[bytes]:
    size = 0
    for block in blocks:
        size += len(block)
        if size > settings.extract_size_limit:
            raise ExtractError([too_large(shown, settings)])
        yield block


def too_large(shown: str, settings: Settings) -> Problem:
    """The problem of a file that is larger than an extract may be."""
    reason = f"the file is larger than {settings.extract_size_limit:,} bytes"
    return Problem(shown, reason, "check that it is the extract; if it is, raise NEEDS_EXTRACT_SIZE_LIMIT")


def _opened(address: str, settings: Settings) -> Any:
    from fsspec.core import url_to_fs

    system, path = url_to_fs(address, skip_instance_cache=True, use_listings_cache=False)
    protocols = {system.protocol} if isinstance(system.protocol, str) else set(system.protocol)
    if "https" in protocols:
        return _opened_http(system, path, settings.fetch_timeout)
    if "s3" in protocols:
        # Tries are counted in one place, here.
        system.connect_timeout = system.read_timeout = settings.fetch_timeout
        system.retries = 1
        system.config_kwargs = {"retries": {"max_attempts": 0}, **system.config_kwargs}
        remote = system.open(path, "rb", block_size=_OBJECT_STORE_BLOCK)
        if remote.details["type"] == "directory":
            raise IsADirectoryError
        return remote
    return system.open(path, "rb")


def _opened_http(system: Any, path: str, timeout: float) -> Any:
    from aiohttp import ClientTimeout

    system.client_kwargs = {"trust_env": True, **system.client_kwargs}
    return system.open(
        path,
        "rb",
        # One request that is read as it comes. A size keeps fsspec from asking for it beforehand, which calls every
        # fault a missing file.
        block_size=0,
        size=1,
        headers={**system.kwargs.get("headers", {}), "Accept-Encoding": "identity"},
        timeout=ClientTimeout(total=None, connect=timeout, sock_connect=timeout, sock_read=timeout),
    )


def _announced_size(remote: Any) -> int | None:
    response = getattr(remote, "r", None)
    if response is not None:
        text = response.headers.get("Content-Length", "")
        return int(text) if text.isdigit() and "Content-Encoding" not in response.headers else None
    size = getattr(remote, "size", None)
    return size if isinstance(size, int) else None


def _is_transient(error: Exception) -> bool:
    import aiohttp
    from botocore.exceptions import ConnectionError as StoreConnectionError
    from botocore.exceptions import HTTPClientError, SSLError

    if isinstance(error, ssl.CertificateError | aiohttp.ClientSSLError | SSLError):
        return False
    if isinstance(error, aiohttp.ClientResponseError):
        return error.status in _TRANSIENT_STATUS or error.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if isinstance(error, OSError) and error.errno in _TRANSIENT_ERRNO:
        return True
    passing = (TimeoutError, ConnectionError, _CutShortError, HTTPClientError, StoreConnectionError)
    return isinstance(error, (*passing, aiohttp.ClientConnectionError, aiohttp.ClientPayloadError))


def _problem(address: str, error: Exception, tries: int, settings: Settings) -> Problem:
    shown = shown_address(address)
    reason, remedy = _reason_and_remedy(address, error, settings)
    return Problem(shown, reason + (f" (tried {tries} times)" if tries > 1 else ""), remedy)


def _reason_and_remedy(address: str, error: Exception, settings: Settings) -> tuple[str, str]:
    import aiohttp
    from botocore.exceptions import ConnectTimeoutError, NoCredentialsError, ReadTimeoutError, SSLError

    status = error.status if isinstance(error, aiohttp.ClientResponseError) else None
    scheme = urlsplit(address).scheme
    later = "try again later; if it stays so, ask who keeps the file"
    if isinstance(error, FileNotFoundError) or status in _GONE:
        return "nothing is at this address", "correct `extract` in round.yml, or ask where the file is now"
    if isinstance(error, IsADirectoryError):
        return "a folder is at this address", "name the file in `extract` of round.yml"
    if isinstance(error, PermissionError | NoCredentialsError) or status in _REFUSED:
        remedy = "set the credentials in the environment of the deployment (FSSPEC_HTTPS, AWS_ACCESS_KEY_ID, ...)"
        return "access is refused", remedy
    if isinstance(error, TimeoutError | ConnectTimeoutError | ReadTimeoutError):
        return f"no answer within {settings.fetch_timeout:g} s", "try again later, or raise NEEDS_FETCH_TIMEOUT"
    if isinstance(error, _CutShortError | aiohttp.ClientPayloadError):
        return "the transfer ends before the file does", later
    if isinstance(error, ssl.CertificateError | aiohttp.ClientSSLError | SSLError):
        return "the certificate of the server is not trusted", "check the address, and the certificates of this machine"
    if status:
        return f"the server answers {status} {_phrase(status)}".rstrip(), later
    if isinstance(error, ValueError | ImportError):
        return f"no way is known to read {scheme}:// from this address", "give an address of https:// or s3://"
    told = f": {os.strerror(error.errno)}" if isinstance(error, OSError) and error.errno else ""
    return f"the file cannot be fetched ({type(error).__name__}{told})", later


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
