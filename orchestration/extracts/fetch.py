"""Bytes from an address, with time-outs, retries and a limit on their size: https by requests, all else by fsspec.

Here: transfers and what may go wrong with them. Credentials come from the environment and the configuration
of fsspec and of the services' own libraries. No message shows the query of an address or the text of a library's error,
since both may hold secrets. Not here: which addresses are allowed (addresses.py).
"""

from __future__ import annotations

import errno
import os
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http.client import responses
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from orchestration.common.addresses import shown_address
from orchestration.common.problems import Problem
from orchestration.extracts.addresses import check_address, check_redirect, is_public_ip, no_public_address
from orchestration.extracts.byte_blocks import BLOCK_SIZE, Summary, blocks_of, passed
from orchestration.extracts.errors import ExtractError
from orchestration.settings import Settings

if TYPE_CHECKING:
    from socket import socket

    import requests
    from requests.adapters import HTTPAdapter

# The second try comes at once, the third after two of these, each further one after twice as long.
PAUSE_SECONDS = 1.0

_MOST_REDIRECTS = 10
_OBJECT_STORE_BLOCK = 8 * BLOCK_SIZE
_TRANSIENT_STATUS = {408, 425, 429, *range(500, 600)}
_TRANSIENT_ERRNO = {errno.EBUSY, errno.EREMOTEIO, errno.ETIMEDOUT, errno.EHOSTUNREACH, errno.ENETUNREACH}


class _CutShortError(Exception):
    """Fewer bytes came than were announced."""


def fetch(address: str, settings: Settings, into: IO[bytes] | None = None) -> Summary:
    """Let the bytes at an address pass, into a file if one is given, which is then overwritten from its beginning.

    Raises ExtractError with reason and remedy; after `fetch_retries` further tries where the fault may pass.
    """
    from urllib3 import Retry
    from urllib3.exceptions import InvalidHeader

    check_address(address, settings)
    # It counts the tries of a transfer to its last byte; the libraries' own stop at the first.
    retry = Retry(settings.fetch_retries, backoff_factor=PAUSE_SECONDS, retry_after_max=int(settings.fetch_timeout))
    while True:
        try:
            return _transfer(address, settings, into)
        except ExtractError:
            raise
        except Exception as caught:  # of any library that fsspec uses
            fault = caught
        reason, remedy, may_pass = _explain(address, fault, settings)
        if not (may_pass and retry.total):
            tries = len(retry.history) + 1
            told = f" (tried {tries} times)" if tries > 1 else ""
            # Here, not in the handler: the chain of errors would show the whole address.
            raise ExtractError([Problem(shown_address(address), f"{reason}{told}", remedy)])
        retry = retry.increment()
        try:
            retry.sleep(getattr(getattr(fault, "response", None), "raw", None))
        except InvalidHeader:  # a Retry-After that is neither seconds nor a date
            retry.sleep()


def _transfer(address: str, settings: Settings, into: IO[bytes] | None) -> Summary:
    shown = shown_address(address)
    if into is not None:
        into.seek(0)
        into.truncate()
    source = _read_web if urlsplit(address).scheme in ("http", "https") else _read_store
    with source(address, settings) as (blocks, announced):
        if announced is not None and announced > settings.extract_size_limit:
            raise ExtractError([too_large(shown, settings)])
        summary = passed(_limited(blocks, shown, settings), into)
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


_Source = Iterator[tuple[Iterable[bytes], int | None]]


@contextmanager
def _read_web(address: str, settings: Settings) -> _Source:
    """The blocks of a response as they come, and their announced size. The certificates are those of the machine."""
    import requests
    from fsspec.config import conf

    with (
        requests.Session() as session,
        _followed(session, address, _configured_headers(conf), settings) as response,
    ):
        response.raise_for_status()
        length = response.headers.get("Content-Length", "")
        is_announced = length.isdigit() and "Content-Encoding" not in response.headers
        yield response.raw.stream(BLOCK_SIZE, decode_content=True), int(length) if is_announced else None


def _followed(
    session: requests.Session, address: str, headers: Mapping[str, str], settings: Settings
) -> requests.Response:
    """The response to which redirects lead. Another host than the first gets no header and no cookie, and is public.

    Raises ExtractError for a redirect that is not allowed.
    """
    import requests

    first, shown = _origin(address), shown_address(address)
    trusted = ssl.get_default_verify_paths()
    for _ in range(_MOST_REDIRECTS):
        response = session.get(
            address,
            stream=True,
            timeout=settings.fetch_timeout,
            verify=trusted.cafile or trusted.capath or True,
            headers={**headers, "Accept-Encoding": "identity"},
            allow_redirects=False,
        )
        target = session.get_redirect_target(response)
        if target is None:
            return response
        response.close()
        address = urljoin(address, target)
        if _origin(address) != first:
            check_redirect(shown, address, settings)
            headers = {}
            session.cookies.clear()
            session.auth = lambda request: request  # no other credentials that this machine keeps
            for scheme in settings.fetch_schemes:
                session.mount(f"{scheme}://", _public_adapter(shown))
    raise requests.TooManyRedirects


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower()


def _public_adapter(shown: str) -> HTTPAdapter:
    """Connections to public addresses alone, whatever a name meant when it was looked up before."""
    from requests.adapters import HTTPAdapter

    class PublicAdapter(HTTPAdapter):
        def get_connection_with_tls_context(self, *args: Any, **named: Any) -> Any:
            pool: Any = super().get_connection_with_tls_context(*args, **named)
            if pool.proxy is None and not issubclass(pool.ConnectionCls, PublicConnection):
                pool.ConnectionCls = type("Public", (PublicConnection, pool.ConnectionCls), {})
            return pool

    class PublicConnection:
        def _new_conn(self) -> socket:
            connected: socket = super()._new_conn()  # type: ignore[misc]
            if not is_public_ip(connected.getpeername()[0]):
                connected.close()
                raise ExtractError([no_public_address(shown, "an address")])
            return connected

    return PublicAdapter()


def _configured_headers(configured: Mapping[str, Any]) -> dict[str, str]:
    """The headers that FSSPEC_HTTP and FSSPEC_HTTPS name, in either of the places where fsspec reads them."""
    options = [configured.get(protocol, {}) for protocol in ("http", "https")]
    named = [place.get("headers", {}) for of in options for place in (of.get("client_kwargs", {}), of)]
    return {name: value for headers in named if isinstance(headers, Mapping) for name, value in headers.items()}


@contextmanager
def _read_store(address: str, settings: Settings) -> _Source:
    """The blocks of a file in a store that fsspec knows, and its size if the store tells it."""
    from fsspec.core import url_to_fs

    system, path = url_to_fs(address, skip_instance_cache=True, use_listings_cache=False)
    options: dict[str, Any] = {}
    if "s3" in system.protocol:
        system.connect_timeout = system.read_timeout = settings.fetch_timeout
        system.retries = 1
        system.config_kwargs = {"retries": {"max_attempts": 0}, **system.config_kwargs}
        options = {"block_size": _OBJECT_STORE_BLOCK}
    with system.open(path, "rb", **options) as remote:
        if getattr(remote, "details", None) and remote.details["type"] == "directory":
            raise IsADirectoryError
        size = getattr(remote, "size", None)
        yield blocks_of(remote), size if isinstance(size, int) else None


def _explain(address: str, error: Exception, settings: Settings) -> tuple[str, str, bool]:
    """Reason and remedy of a fault, and whether it may pass."""
    import requests
    import urllib3.exceptions as web
    from botocore import exceptions as store

    response = error.response if isinstance(error, requests.HTTPError) else None
    status = 0 if response is None else response.status_code
    later = "try again later; if it stays so, ask who keeps the file"
    if isinstance(error, FileNotFoundError) or status in (404, 410):
        return "nothing is at this address", "correct `extract` in round.yml, or ask where the file is now", False
    if isinstance(error, IsADirectoryError):
        return "a folder is at this address", "name the file in `extract` of round.yml", False
    if isinstance(error, PermissionError | store.NoCredentialsError) or status in (401, 403):
        remedy = "set the credentials in the environment of the deployment (FSSPEC_HTTPS, AWS_ACCESS_KEY_ID, ...)"
        return "access is refused", remedy, False
    if isinstance(error, ssl.SSLError | requests.exceptions.SSLError | web.SSLError | store.SSLError):
        remedy = "check the address, and the certificates of this machine"
        return "the certificate of the server is not trusted", remedy, False
    timeouts = TimeoutError, requests.Timeout, web.TimeoutError, store.ConnectTimeoutError, store.ReadTimeoutError
    if isinstance(error, timeouts):
        return f"no answer within {settings.fetch_timeout:g} s", "try again later, or raise NEEDS_FETCH_TIMEOUT", True
    if isinstance(error, _CutShortError | web.ProtocolError):
        return "the transfer ends before the file does", later, True
    if status:
        told = f"the server answers {status} {responses.get(status, '')}".rstrip()
        return told, later, status in _TRANSIENT_STATUS
    if isinstance(error, ValueError | ImportError):
        scheme, remedy = urlsplit(address).scheme, "give an address of https:// or s3://"
        return f"no way is known to read {scheme}:// from this address", remedy, False
    return f"the file cannot be fetched ({_name(error)})", later, _may_pass(error)


def _name(error: BaseException) -> str:
    """What kind of error it is; where the system raised it at first, in the system's words."""
    found: BaseException | None = error
    while found and not (isinstance(found, OSError) and found.errno):
        found = found.__cause__ or found.__context__
    if isinstance(found, OSError) and found.errno and found.errno > 0:
        return f"{type(found).__name__}: {os.strerror(found.errno)}"
    return type(found or error).__name__


def _may_pass(error: Exception) -> bool:
    import requests
    import urllib3.exceptions as web
    from botocore import exceptions as store

    if isinstance(error, OSError) and error.errno:
        return error.errno in _TRANSIENT_ERRNO or isinstance(error, ConnectionError)
    of_web = (web.HTTPError, requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)
    of_store = (store.HTTPClientError, store.ConnectionError)
    return isinstance(error, (TimeoutError, ConnectionError, _CutShortError, *of_web, *of_store))
