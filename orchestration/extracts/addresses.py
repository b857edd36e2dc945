"""Which addresses extracts may come from: schemes, credentials in them, where a redirect may lead.

Here: judgements of an address. Not here: transfers (fetch.py), how an address is shown (common/addresses.py).
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from orchestration.common.addresses import shown_address
from orchestration.common.problems import Problem
from orchestration.extracts.errors import ExtractError
from orchestration.settings import Settings

# What is called so is secret, however short it is.
_SECRET_NAME = re.compile(
    r"pass|pwd|secret|token|auth|credential|signature|api.?key|(?:^|[-_])(?:sig|key|sas|jwt)$", re.I
)
# Begins of credentials that services give out, and signed tokens: wherever they stand.
_ISSUED = re.compile(
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[opusr]_\w{20}|\bgithub_pat_\w{20}|\bglpat-[\w-]{16}|\bxox[abeoprs]-[\w-]{10}"
    r"|\bAIza[\w-]{30}|\bsk-[\w-]{20}|\beyJ[\w-]{10,}\.[\w-]{10,}\."
)
# A run of letters and digits, as keys, checksums and signatures are: the parts of names and of UUIDs are shorter. Of
# it, what could be words or numbers: in a key by chance, so that they are short.
_RUN = re.compile(r"[A-Za-z0-9+/=]{16,}")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_WORD_LENGTH = 3.5


def check_address(address: str, settings: Settings) -> None:
    """Raise ExtractError for an address that is not allowed, or holds credentials, which are not shown."""
    shown, parts = shown_address(address), urlsplit(address)
    if "::" in address:
        raise ExtractError([Problem(shown, "an address behind another address", "give the address of the file itself")])
    secrets = [*_secrets_of(address, settings)]
    if secrets:
        where = f"{parts.scheme}://{parts.netloc}/…" if _ISSUED.search(parts.path) else shown
        remedy = (
            "take them out of round.yml, change them, and set the new ones in the environment of the deployment "
            "(FSSPEC_HTTPS, AWS_ACCESS_KEY_ID, ...); name a parameter that is public in NEEDS_FETCH_PUBLIC_PARAMETERS"
        )
        raise ExtractError([Problem(where, f"the address holds credentials: {', '.join(secrets)}", remedy)])
    check_scheme(shown, parts.scheme, settings)


def check_scheme(shown: str, scheme: str, settings: Settings) -> None:
    """Raise ExtractError for a scheme that this deployment does not allow."""
    if scheme.lower() not in settings.fetch_schemes:
        allowed = ", ".join(f"{name}://" for name in settings.fetch_schemes)
        remedy = f"give an address of {allowed}, or allow the scheme in NEEDS_FETCH_SCHEMES"
        raise ExtractError([Problem(shown, f"extracts are not fetched from {scheme}:// addresses here", remedy)])


def check_redirect(shown: str, target: str, settings: Settings) -> None:
    """Raise ExtractError for a redirect to another host that is not a public one: it might read what only we can."""
    parts = urlsplit(target)
    check_scheme(shown, parts.scheme, settings)
    if not is_public(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)):
        raise ExtractError([no_public_address(shown, parts.hostname or "nowhere")])


def no_public_address(shown: str, host: str) -> Problem:
    """The problem of a redirect that leads into a network that only this machine may reach."""
    reason = f"the address redirects to {host}, which is not public"
    return Problem(shown, reason, "give the address of the file itself, if it may be read from there")


def is_public(host: str, port: int) -> bool:
    """Whether all addresses of a host are public ones; also where it has none, which its fetching will tell."""
    try:
        found = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except OSError:
        return True
    return all(map(is_public_ip, found))


def is_public_ip(text: str) -> bool:
    """Whether an address is one of the internet at large: not of this machine, its network or its link."""
    ip = ipaddress.ip_address(text.partition("%")[0])
    ip = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None) or ip
    return ip.is_global and not ip.is_multicast


def _secrets_of(address: str, settings: Settings) -> Iterator[str]:
    """What of an address looks like a credential, by where it stands."""
    parts = urlsplit(address)
    if "@" in parts.netloc:
        yield "user or password"
    public = {name.casefold() for name in settings.fetch_public_parameters}
    named = [*parse_qsl(parts.query, keep_blank_values=True), *parse_qsl(parts.fragment, keep_blank_values=True)]
    for name in sorted({name for name, value in named if name.casefold() not in public and _is_secret(name, value)}):
        # A value without a name is read as a name.
        yield "a value" if _is_secret_value(name) else name
    if _ISSUED.search(parts.path):
        yield "a key in its path"


def _is_secret(name: str, value: str) -> bool:
    return _SECRET_NAME.search(name) is not None or _is_secret_value(value) or _is_secret_value(name)


def _is_secret_value(value: str) -> bool:
    """Whether a text looks like a key."""
    runs = _RUN.findall(value)
    return _ISSUED.search(value) is not None or any(len(run) < _WORD_LENGTH * len(_WORD.findall(run)) for run in runs)
