"""The delivered files of a round: beside round.yml, at addresses of servers that behave and misbehave, in archives."""

import gzip
import hashlib
import io
import json
import os
import ssl
import struct
import time
import traceback
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from servers import Handler, Server

from orchestration.common.addresses import public_name
from orchestration.extracts import addresses, fetch
from orchestration.extracts.addresses import check_address
from orchestration.extracts.errors import ExtractError
from orchestration.extracts.parts import Part, open_parts, read_contents
from orchestration.settings import Settings

TEXT = b"code,city\nr1,Alpha\nr2,Beta\n"
SHA256 = hashlib.sha256(TEXT).hexdigest()
# Servers on the loopback address speak http; a deployment allows it no more than the other schemes.
ALLOWED = ("https", "s3", "http", "file", "memory", "gopher")
QUICK = Settings(fetch_timeout=0.3, fetch_retries=2, fetch_schemes=ALLOWED)


@dataclass(frozen=True)
class Card:
    """What of a source card says where the extract is."""

    folder: Path
    extract: tuple[str, ...]
    sha256: tuple[str, ...] = ()
    instrument: str = "pulse"
    round: str = "2030"


@pytest.fixture(autouse=True)
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEEDS_FETCH_SCHEMES", json.dumps(ALLOWED))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(fetch, "PAUSE_SECONDS", 0.01)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with Server() as running:
        running.start()
        yield running
        running.stop()


def taken(card: Card, settings: Settings = QUICK) -> list[tuple[str, bytes]]:
    """Name and bytes of every part."""
    with open_parts(card, settings) as parts:
        for part in parts:
            assert part.size == len(part.read())
            assert part.sha256 == hashlib.sha256(part.read()).hexdigest()
        return [(part.name, part.read()) for part in parts]


def told(card: Card, settings: Settings = QUICK) -> str:
    """The message of an extract that cannot be used; the whole of its traceback holds no secret."""
    with pytest.raises(ExtractError) as caught:
        taken(card, settings)
    assert "s3cret" not in "".join(traceback.format_exception(caught.value))
    assert "s3cret" not in str(caught.value)
    return str(caught.value)


def local(folder: Path, **files: bytes) -> Card:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return Card(folder, tuple(files))


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


# Files beside round.yml


def test_a_file_beside_round_yml_is_a_part(tmp_path: Path) -> None:
    card = local(tmp_path, **{"extract.csv": TEXT})
    with open_parts(card, QUICK) as (part,):
        assert (part.name, part.shown) == ("pulse/2030/extract.csv", str(tmp_path / "extract.csv"))
        assert (part.size, part.sha256, part.read()) == (len(TEXT), SHA256, TEXT)
        with part.open() as first, part.open() as second:
            assert (first.read(4), second.read(9), first.read(1)) == (b"code", b"code,city", b",")
            assert (first.seek(0), first.readline()) == (0, b"code,city\n")


def test_several_files_are_parts_in_the_order_of_round_yml(tmp_path: Path) -> None:
    card = local(tmp_path, **{"b.csv": b"2\n", "a.csv": b"1\n"})
    assert taken(card) == [("pulse/2030/b.csv", b"2\n"), ("pulse/2030/a.csv", b"1\n")]


@pytest.mark.parametrize("name", ["nothing.csv", "folder", "extract.csv/below.csv"])
def test_a_file_that_is_not_there_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    card = local(tmp_path, **{"extract.csv": TEXT})
    message = told(Card(card.folder, (name,)))
    assert message == (
        f"{tmp_path / name}: the extract is missing. "
        "To do: put the delivered file there, or correct `extract` in round.yml."
    )


@pytest.mark.parametrize("content", [b"", b" \r\n \n"])
def test_an_empty_file_is_told(tmp_path: Path, content: bytes) -> None:
    assert "the file is empty" in told(local(tmp_path, **{"extract.csv": content}))


def test_another_file_than_round_yml_names_is_told_with_both_checksums(tmp_path: Path) -> None:
    card = local(tmp_path, **{"extract.csv": TEXT})
    message = told(Card(card.folder, card.extract, ("A" * 64,)))
    assert f"its sha256 is {SHA256}, not {'a' * 64}" in message
    assert f"write `sha256: {SHA256}` in round.yml" in message


def test_the_checksum_of_round_yml_may_be_in_capitals(tmp_path: Path) -> None:
    card = local(tmp_path, **{"extract.csv": TEXT})
    assert taken(Card(card.folder, card.extract, (SHA256.upper(),))) == [("pulse/2030/extract.csv", TEXT)]


def test_a_file_above_the_limit_is_told(tmp_path: Path) -> None:
    message = told(local(tmp_path, **{"extract.csv": TEXT}), Settings(extract_size_limit=10))
    assert "larger than 10 bytes" in message
    assert "NEEDS_EXTRACT_SIZE_LIMIT" in message


def test_the_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    message = told(Card(tmp_path, ("a.csv", "b.csv")))
    assert "a.csv: the extract is missing" in message
    assert "b.csv: the extract is missing" in message


# Addresses


def test_a_file_at_an_address_is_fetched_once_and_leaves_no_file_behind(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    address = server.serve("/exports/pulse%20a.csv", lambda http: http.answer(TEXT))
    with open_parts(Card(tmp_path, (address,), (SHA256,)), QUICK) as (part,):
        assert list(tmp_path.iterdir()) == []
        assert (part.name, part.shown) == ("pulse/2030/pulse a.csv", address)
        with part.open() as first, part.open() as second:
            assert (first.read(4), second.read(9), first.read(1)) == (b"code", b"code,city", b",")
            assert first.seek(-5, os.SEEK_END) == len(TEXT) - 5
            assert (first.read(), first.read()) == (b"Beta\n", b"")
            assert Path(f"/proc/self/fd/{second.fileno()}").read_bytes() == TEXT
    with pytest.raises(ValueError, match="closed"):
        part.read()
    assert server.requests == ["/exports/pulse%20a.csv"]


def test_threads_read_a_part_at_the_same_time(tmp_path: Path, server: Server) -> None:
    content = os.urandom(3 << 20)
    address = server.serve("/extract.bin", lambda http: http.answer(content))
    with open_parts(Card(tmp_path, (address,)), QUICK) as (part,), ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: hashlib.sha256(part.read()).hexdigest(), range(8))) == {part.sha256}


def test_a_fault_of_the_server_that_passes_is_tried_again(tmp_path: Path, server: Server) -> None:
    faults = [500, 503]
    address = server.serve("/a.csv", lambda http: http.answer(b"sorry", faults.pop(0)) if faults else http.answer(TEXT))
    assert taken(Card(tmp_path, (address,))) == [("pulse/2030/a.csv", TEXT)]
    assert len(server.requests) == 3


def test_a_fault_of_the_server_that_stays_is_told(tmp_path: Path, server: Server) -> None:
    address = server.serve("/a.csv", lambda http: http.answer(b"slower", 429))
    assert "the server answers 429 Too Many Requests (tried 3 times)" in told(Card(tmp_path, (address,)))
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "access is refused. To do: set the credentials in the environment"),
        (403, "access is refused. To do: set the credentials in the environment"),
        (404, "nothing is at this address. To do: correct `extract` in round.yml"),
        (410, "nothing is at this address"),
        (418, "the server answers 418"),
    ],
)
def test_a_refusal_is_told_at_once_without_the_secrets_of_the_address(
    tmp_path: Path, server: Server, status: int, reason: str
) -> None:
    address = server.serve("/a.csv", lambda http: http.answer(b"", status))
    message = told(Card(tmp_path, (f"{address}?download=s3cret",)))
    assert message.startswith(f"{address}: {reason}")
    assert server.requests == ["/a.csv?download=s3cret"]


def test_a_server_that_does_not_answer_is_given_up_in_time(tmp_path: Path, server: Server) -> None:
    address = server.serve("/a.csv", lambda http: server.ended.wait(30) and None)
    begin = time.monotonic()
    assert "no answer within 0.3 s (tried 3 times)" in told(Card(tmp_path, (address,)))
    assert time.monotonic() - begin < 5


def test_a_server_that_stops_in_the_middle_is_given_up_in_time(tmp_path: Path, server: Server) -> None:
    def half(http: Handler) -> None:
        http.send_response(200)
        http.send_header("Content-Length", str(len(TEXT)))
        http.end_headers()
        http.wfile.write(TEXT[:9])
        server.ended.wait(30)

    assert "no answer within 0.3 s (tried 3 times)" in told(Card(tmp_path, (server.serve("/a.csv", half),)))


def cut(http: Handler) -> None:
    http.answer(TEXT[:-5], Content_Length=str(len(TEXT)))
    http.close_connection = True


def cut_chunks(http: Handler) -> None:
    http.send_response(200)
    http.send_header("Transfer-Encoding", "chunked")
    http.end_headers()
    http.wfile.write(b"9\r\ncode,city\r\n")
    http.close_connection = True


@pytest.mark.parametrize("how", [cut, cut_chunks])
def test_a_transfer_cut_short_is_an_error_not_a_short_file(
    tmp_path: Path, server: Server, how: Callable[[Handler], None]
) -> None:
    message = told(Card(tmp_path, (server.serve("/a.csv", how),)))
    assert "the transfer ends before the file does (tried 3 times)" in message


def test_a_transfer_cut_short_once_is_tried_again_from_the_beginning(tmp_path: Path, server: Server) -> None:
    ways = [cut, lambda http: http.answer(TEXT)]
    address = server.serve("/a.csv", lambda http: ways.pop(0)(http))
    assert taken(Card(tmp_path, (address,))) == [("pulse/2030/a.csv", TEXT)]


def test_a_length_that_hides_the_end_is_found_by_the_checksum(tmp_path: Path, server: Server) -> None:
    def hidden(http: Handler) -> None:
        http.answer(TEXT[:9], Content_Length="9", Connection="close")
        server.ended.wait(0.1)
        http.wfile.write(TEXT[9:])

    address = server.serve("/a.csv", hidden)
    assert "the file is not the one that round.yml names" in told(Card(tmp_path, (address,), (SHA256,)))


def test_a_redirect_is_followed_and_the_part_keeps_its_name(tmp_path: Path, server: Server) -> None:
    target = server.serve("/store/7f3a", lambda http: http.answer(TEXT))
    address = server.serve("/a.csv", lambda http: http.answer(b"", 302, Location=target))
    assert taken(Card(tmp_path, (address,))) == [("pulse/2030/a.csv", TEXT)]


def test_redirects_in_a_circle_are_told(tmp_path: Path, server: Server) -> None:
    address = server.serve("/a.csv", lambda http: http.answer(b"", 302, Location="/a.csv?token=s3cret"))
    assert told(Card(tmp_path, (address,))).startswith(f"{address}: the file cannot be fetched (TooManyRedirects)")


def test_nobody_at_the_address_is_told(tmp_path: Path, server: Server) -> None:
    server.server_close()
    message = told(Card(tmp_path, (server.serve("/a.csv", cut),)))
    assert "the file cannot be fetched (ConnectionRefusedError: Connection refused) (tried 3 times)" in message


def announced(http: Handler) -> None:
    http.answer(b"", Content_Length=str(10**12))


def endless(http: Handler) -> None:
    http.send_response(200)
    http.send_header("Transfer-Encoding", "chunked")
    http.end_headers()
    while not http.server.ended.is_set():
        http.wfile.write(b"400\r\n" + b"x" * 1024 + b"\r\n")


@pytest.mark.parametrize("how", [announced, endless])
def test_a_file_at_an_address_above_the_limit_is_told(
    tmp_path: Path, server: Server, how: Callable[[Handler], None]
) -> None:
    card = Card(tmp_path, (server.serve("/a.csv", how),))
    assert "larger than 100,000 bytes" in told(card, Settings(extract_size_limit=100_000))
    assert len(server.requests) == 1


def test_an_empty_file_at_an_address_is_told(tmp_path: Path, server: Server) -> None:
    assert "the file is empty" in told(Card(tmp_path, (server.serve("/a.csv", lambda http: http.answer(b"")),)))


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("https://ada:s3cret@example.org/a.csv", "user or password"),
        ("s3://s3cret:s3cret@bucket/a.csv", "user or password"),
        ("https://example.org/a.csv?v=1&X-Amz-Signature=s3cret", "X-Amz-Signature"),
        ("https://example.org/a.csv?sig=s3cret", "sig"),
        ("https://example.org/a.csv?accountPassword=s3cret&refreshToken=", "accountPassword, refreshToken"),
        ("https://example.org/a.csv?k=s3cretQ7d0aL3fPz8XyWv1", "k"),
        ("https://example.org/a.csv?download=0f8fad5bd9cb469fa1654867758f7d5es3cret", "download"),
        ("https://example.org/a.csv?s3cretQ7d0aL3fPz8XyWv1", "a value"),
        ("https://example.org/a.csv#s3cretaBcDeFgHiJkLmNoPqRs=1", "a value"),
        ("https://example.org/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzM2NyZXQifQ.s3cret/a.csv", "a key in its path"),
        ("s3://bucket/AKIAS3CRETS3CRETS3CR/a.csv", "a key in its path"),
        ("http://example.org/ghp_s3cretS3cretS3cretS3cretS3cretS3cr/a.csv", "a key in its path"),
    ],
)
def test_credentials_in_an_address_are_refused_and_not_shown(tmp_path: Path, address: str, what: str) -> None:
    message = told(Card(tmp_path, (address,)))
    assert f": the address holds credentials: {what}" in message
    assert "in the environment of the deployment" in message


@pytest.mark.parametrize(
    "query",
    [
        "id=7",
        "format=csv&year=2024&lang=de",
        "file=nmc_survey_2024_final_export_of_all_answers.csv",
        "id=0f8fad5b-d9cb-469f-a165-70867728950e",
        "from=20240411T000000&to=20240517T235959",
        "persistentId=doi:10.5281/zenodo.10000001",
        "survey=123456789012345678901234",
        "view=AllResponsesOfTheRound",
        "columns=population,country,targetyear,climateneutrality",
        "versionId=3HL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY+MTRCxf3vjVBH40Nr8X8gdRQBpUMLUo",
    ],
)
def test_what_an_address_asks_for_is_no_credential(query: str) -> None:
    check_address(f"https://example.org/a.csv?{query}", Settings())


def test_a_deployment_names_parameters_that_are_no_secret() -> None:
    address = "https://example.org/a.csv?share=Q7d0aL3fPz8XyWv1"
    with pytest.raises(ExtractError, match=r"credentials: share.*NEEDS_FETCH_PUBLIC_PARAMETERS"):
        check_address(address, Settings())
    check_address(address, Settings(fetch_public_parameters=("share",)))


@pytest.mark.parametrize("scheme", ["http", "file", "ftp", "sftp", "github", "memory", "data", "gs"])
def test_an_address_of_another_scheme_is_refused_unless_allowed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.delenv("NEEDS_FETCH_SCHEMES")
    message = told(Card(tmp_path, (f"{scheme}://example.org/a.csv",)), Settings())
    reason = f"extracts are not fetched from {scheme}:// addresses here"
    assert f"{reason}. To do: give an address of https://, s3://" in message
    check_address(f"{scheme}://example.org/a.csv", Settings(fetch_schemes=(scheme,)))


def elsewhere(server: Server, path: str) -> str:
    """The same server under another name."""
    return f"http://localhost:{server.server_port}{path}"


def test_a_redirect_to_another_host_gets_no_header_and_no_cookie_of_ours(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fsspec.config import conf

    seen: list[Mapping[str, str]] = []

    def answer(http: Handler) -> None:
        seen.append(dict(http.headers))
        http.answer(TEXT)

    server.serve("/store", answer)
    same = server.serve("/same", lambda http: http.answer(b"", 302, Location="/b.csv"))
    target = elsewhere(server, "/store")
    server.serve("/b.csv", lambda http: http.answer(b"", 302, Location=target, Set_Cookie="a=s3cret"))
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login ada password s3cret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setitem(conf, "https", {"headers": {"X-Api-Key": "s3cret", "Authorization": "Bearer s3cret"}})
    monkeypatch.setattr(addresses, "is_public_ip", lambda _: True)
    monkeypatch.setattr(fetch, "is_public_ip", lambda _: True)
    assert taken(Card(tmp_path, (same,))) == [("pulse/2030/same", TEXT)]
    assert [name for name in seen[0] if name.lower() in ("x-api-key", "authorization", "cookie")] == []
    server.serve("/b.csv", answer)
    assert taken(Card(tmp_path, (same,))) == [("pulse/2030/same", TEXT)]
    assert (seen[1]["X-Api-Key"], seen[1]["Authorization"]) == ("s3cret", "Bearer s3cret"), "of the same host"


@pytest.mark.parametrize(
    "host",
    ["localhost", "169.254.169.254", "10.0.0.7", "192.168.1.1", "0.0.0.0", "[::1]", "[fe80::1]", "[::ffff:10.0.0.7]"],
)
def test_a_redirect_to_a_private_or_link_local_address_is_refused(tmp_path: Path, server: Server, host: str) -> None:
    target = f"http://{host}:{server.server_port}/b.csv"
    server.serve("/b.csv", lambda http: http.answer(TEXT))
    address = server.serve("/a.csv", lambda http: http.answer(b"", 302, Location=target))
    message = told(Card(tmp_path, (address,)))
    assert message.startswith(f"{address}: the address redirects to {host.strip('[]')}, which is not public. To do: ")
    assert server.requests == ["/a.csv"]


def test_a_name_that_means_another_address_when_it_is_connected_to_is_refused(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(addresses, "is_public", lambda *_: True)
    server.serve("/b.csv", lambda http: http.answer(TEXT))
    address = server.serve("/a.csv", lambda http: http.answer(b"", 302, Location=elsewhere(server, "/b.csv")))
    assert "the address redirects to an address, which is not public" in told(Card(tmp_path, (address,)))
    assert server.requests == ["/a.csv"]


def test_a_redirect_to_a_scheme_that_is_not_allowed_is_refused(tmp_path: Path, server: Server) -> None:
    address = server.serve("/a.csv", lambda http: http.answer(b"", 302, Location="file:///etc/passwd"))
    settings = Settings(fetch_schemes=("https", "http"))
    assert "extracts are not fetched from file:// addresses" in told(Card(tmp_path, (address,)), settings)


@pytest.mark.parametrize("kind", ["link", "pipe", "link_to_pipe"])
def test_a_link_or_a_pipe_is_no_extract(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "extract.csv"
    (tmp_path / "other.csv").write_bytes(TEXT)
    if kind != "link":
        os.mkfifo(tmp_path / "pipe")
    path.symlink_to(tmp_path / ("pipe" if kind == "link_to_pipe" else "other.csv"))
    if kind == "pipe":
        path.unlink()
        (tmp_path / "pipe").rename(path)
    message = told(Card(tmp_path, ("extract.csv",)))
    reason, remedy = "the extract is no file but a link or a pipe", "put the delivered file itself there"
    assert message == f"{path}: {reason}. To do: {remedy}."


def test_credentials_of_the_configuration_reach_the_server(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fsspec.config import conf

    monkeypatch.setitem(conf, "https", {"headers": {"Authorization": "Bearer s3cret"}})
    address = server.serve(
        "/a.csv", lambda http: http.answer(TEXT, 200 if http.headers["Authorization"] == "Bearer s3cret" else 401)
    )
    assert taken(Card(tmp_path, (address,))) == [("pulse/2030/a.csv", TEXT)]
    monkeypatch.setitem(conf, "https", {})
    assert "access is refused" in told(Card(tmp_path, (address,)))


@pytest.mark.parametrize(("asked", "least"), [("86400", 1), ("soon", 0)])
def test_a_server_says_when_to_ask_again_but_not_how_long_we_wait(
    tmp_path: Path, server: Server, asked: str, least: int
) -> None:
    faults = [503]
    address = server.serve(
        "/a.csv",
        lambda http: http.answer(b"", faults.pop(), Retry_After=asked) if faults else http.answer(TEXT),
    )
    begin = time.monotonic()
    assert taken(Card(tmp_path, (address,)), Settings(fetch_timeout=1, fetch_retries=1))
    assert least <= time.monotonic() - begin < 5


def test_a_certificate_that_the_machine_does_not_trust_is_told_and_one_that_it_trusts_is_taken(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = self_signed(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    address = server.serve("/a.csv", lambda http: http.answer(TEXT)).replace("http:", "https:")
    message = told(Card(tmp_path, (f"{address}?download=s3cret",)))
    assert message.startswith(f"{address}: the certificate of the server is not trusted. To do: ")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    assert taken(Card(tmp_path, (address,))) == [("pulse/2030/a.csv", TEXT)]


def self_signed(folder: Path) -> Path:
    """Key and certificate of a server on the loopback address, in one file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    kind = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *kind) + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


def test_a_release_names_an_address_without_its_query() -> None:
    assert public_name("https://example.org/a.csv?id=7#top") == "https://example.org/a.csv"
    assert public_name("extract.csv") == "extract.csv"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("simplecache::https://example.org/a.csv", "an address behind another address"),
        ("gopher://example.org/a.csv", "no way is known to read gopher://"),
        ("memory://nothing/here.csv", "nothing is at this address"),
    ],
)
def test_an_address_that_cannot_be_read_is_told(tmp_path: Path, address: str, reason: str) -> None:
    assert reason in told(Card(tmp_path, (address,)))


def test_what_fsspec_knows_is_an_address(tmp_path: Path) -> None:
    import fsspec

    fsspec.filesystem("memory").pipe("/exports/b.csv", TEXT)
    (tmp_path / "a.csv").write_bytes(TEXT)
    card = Card(tmp_path, (f"file://{tmp_path}/a.csv", "memory://exports/b.csv"))
    assert taken(card) == [("pulse/2030/a.csv", TEXT), ("pulse/2030/b.csv", TEXT)]


def test_two_files_of_one_name_are_told(tmp_path: Path, server: Server) -> None:
    one = server.serve("/1/a.csv", lambda http: http.answer(TEXT))
    other = server.serve("/2/a.csv", lambda http: http.answer(TEXT))
    assert "2 files of the extract have the name 'a.csv'" in told(Card(tmp_path, (one, other)))


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    store = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    store.start()
    host, port = store.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "dummy")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        patch.setenv("NO_PROXY", "127.0.0.1,localhost")
        import s3fs

        system = s3fs.S3FileSystem(skip_instance_cache=True)
        system.mkdir("surveys")
        system.pipe("surveys/pulse/extract.csv", TEXT)
        system.pipe("surveys/large.bin", b"0123456789" * (1 << 20))
        yield "s3://surveys"
    store.stop()


def test_a_file_in_an_object_store_is_fetched(tmp_path: Path, bucket: str) -> None:
    card = Card(tmp_path, (f"{bucket}/pulse/extract.csv", f"{bucket}/large.bin"), (SHA256, ""))
    (first, content), (second, large) = taken(card, Settings(fetch_timeout=10))
    assert (first, content) == ("pulse/2030/extract.csv", TEXT)
    assert (second, large) == ("pulse/2030/large.bin", b"0123456789" * (1 << 20))


@pytest.mark.parametrize(("name", "what"), [("nothing.csv", "nothing"), ("pulse", "a folder")])
def test_a_file_that_an_object_store_has_not_is_told(tmp_path: Path, bucket: str, name: str, what: str) -> None:
    message = told(Card(tmp_path, (f"{bucket}/{name}",)), Settings(fetch_timeout=10))
    assert message.startswith(f"{bucket}/{name}: {what} is at this address. To do: ")


def test_an_object_above_the_limit_is_told(tmp_path: Path, bucket: str) -> None:
    settings = Settings(fetch_timeout=10, extract_size_limit=1 << 20)
    assert "larger than 1,048,576 bytes" in told(Card(tmp_path, (f"{bucket}/large.bin",)), settings)


@pytest.mark.parametrize(
    ("code", "status", "reason", "requests_n"),
    [
        ("SlowDown", 503, "the file cannot be fetched (OSError", 3),
        ("AccessDenied", 403, "access is refused", 1),
    ],
)
def test_what_an_object_store_refuses_is_told(
    tmp_path: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    code: str,
    status: int,
    reason: str,
    requests_n: int,
) -> None:
    body = f"<Error><Code>{code}</Code><Message>s3cret</Message></Error>".encode()
    monkeypatch.setattr(Handler, "do_HEAD", Handler.do_GET, raising=False)
    address = server.serve("/surveys/a.csv", lambda http: http.answer(b"" if http.command == "HEAD" else body, status))
    monkeypatch.setenv("AWS_ENDPOINT_URL", address.removesuffix("/surveys/a.csv"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "dummy")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    server.routes["/surveys"] = server.routes["/surveys/a.csv"]
    assert reason in told(Card(tmp_path, ("s3://surveys/a.csv",)), Settings(fetch_timeout=5, fetch_retries=2))
    assert len(server.requests) == requests_n


# Digests


def test_digests_are_of_the_delivered_files_and_ask_no_server_for_a_named_one(tmp_path: Path, server: Server) -> None:
    packed = zipped({"a.csv": TEXT})
    (tmp_path / "a.zip").write_bytes(packed)
    named = server.serve("/named.csv", lambda http: http.answer(TEXT))
    unnamed = server.serve("/unnamed.csv", lambda http: http.answer(TEXT))
    card = Card(tmp_path, ("a.zip", named, unnamed), ("", "b" * 64, ""))
    digests = [content.sha256 for content in read_contents(card, QUICK)]
    assert digests == [hashlib.sha256(packed).hexdigest(), "b" * 64, SHA256]
    assert server.requests == ["/unnamed.csv"]


def test_digests_tell_every_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ExtractError) as caught:
        read_contents(Card(tmp_path, ("a.csv", "b.csv")), QUICK)
    assert len(caught.value.problems) == 2


# Archives


def test_a_gzip_file_is_unpacked(tmp_path: Path) -> None:
    card = local(tmp_path, **{"extract.csv.gz": gzip.compress(TEXT)})
    assert taken(card) == [("pulse/2030/extract.csv.gz", TEXT)]


def test_the_files_of_a_zip_archive_are_parts_sorted_by_name(tmp_path: Path) -> None:
    members = {
        "part 2.csv": b"2\n",
        "part 1.csv": b"1\n",
        "more/part 3.csv": b"3\n",
        "more/": b"",
        "__MACOSX/._part 1.csv": b"junk",
        "more/.DS_Store": b"junk",
    }
    packed = zipped(members)
    card = local(tmp_path, **{"Export.ZIP": packed})
    with open_parts(Card(tmp_path, card.extract, (hashlib.sha256(packed).hexdigest(),)), QUICK) as parts:
        assert [(part.name, part.read()) for part in parts] == [
            ("pulse/2030/Export.ZIP/more/part 3.csv", b"3\n"),
            ("pulse/2030/Export.ZIP/part 1.csv", b"1\n"),
            ("pulse/2030/Export.ZIP/part 2.csv", b"2\n"),
        ]
        assert parts[1].shown == f"{tmp_path / 'Export.ZIP'}/part 1.csv"


@pytest.mark.parametrize(
    ("name", "marker"),
    [("extract.xlsx", "xl/workbook.xml"), ("extract.zip", "[Content_Types].xml"), ("extract.zip", "mimetype")],
)
def test_a_workbook_is_not_unpacked(tmp_path: Path, name: str, marker: str) -> None:
    workbook = zipped({marker: b"<xml/>", "content.xml": b"<xml/>"})
    assert taken(local(tmp_path, **{name: workbook})) == [(f"pulse/2030/{name}", workbook)]


def test_an_archive_without_the_name_of_one_is_left_to_the_reader(tmp_path: Path) -> None:
    packed = gzip.compress(TEXT)
    assert taken(local(tmp_path, **{"extract.csv": packed})) == [("pulse/2030/extract.csv", packed)]


def test_an_archive_at_an_address_is_unpacked(tmp_path: Path, server: Server) -> None:
    address = server.serve("/a.zip", lambda http: http.answer(zipped({"a.csv": TEXT})))
    assert taken(Card(tmp_path, (address,))) == [("pulse/2030/a.zip/a.csv", TEXT)]


def encrypted() -> bytes:
    packed = bytearray(zipped({"a.csv": TEXT}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(signature) + offset] |= 1
    return bytes(packed)


def with_another_byte(packed: bytes, at: int) -> bytes:
    return packed[:at] + bytes([packed[at] ^ 0xFF]) + packed[at + 1 :]


def repeated() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        archive.writestr("a.csv", TEXT)
        archive.writestr("a.csv", TEXT)
    return out.getvalue()


STORED = zipped({"a.csv": TEXT}, zipfile.ZIP_STORED)

FAULTY: Sequence[tuple[str, str, bytes, str]] = (
    ("login_page", "a.zip", b"<html>Sign in</html>", "not the ZIP archive that its name promises"),
    ("text", "a.csv.gz", TEXT, "not the gzip archive that its name promises"),
    ("nothing", "a.zip", zipped({}), "the archive holds no file"),
    ("only_folders", "a.zip", zipped({"a/": b""}), "the archive holds no file"),
    ("only_of_the_system", "a.zip", zipped({"__MACOSX/._a": b"x", ".DS_Store": b"x"}), "the archive holds no file"),
    ("empty_member", "a.zip", zipped({"a.csv": b""}), "a.zip/a.csv: the file is empty"),
    ("empty_gzip", "a.csv.gz", gzip.compress(b""), "the file is empty"),
    ("nested", "a.zip", zipped({"b.ZIP": STORED}), "the archive holds an archive, 'b.ZIP'"),
    ("nested_gzip", "a.tar.gz", gzip.compress(TEXT), "the archive holds an archive, 'pulse/2030/a.tar'"),
    ("encrypted", "a.zip", encrypted(), "'a.csv' in the archive is encrypted"),
    ("lzma", "a.zip", zipped({"a.csv": TEXT}, zipfile.ZIP_LZMA), "is packed by method 14"),
    ("repeated", "a.zip", repeated(), "the archive holds 'a.csv' 2 times"),
    ("many", "a.zip", zipped({f"{n}.csv": b"x" for n in range(101)}), "holds 101 files, more than 100"),
    ("parent", "a.zip", zipped({"../a.csv": TEXT}), "holds '../a.csv', a name that leads out of its folder"),
    ("parent_of_windows", "a.zip", zipped({"b\\..\\..\\a.csv": TEXT}), "a name that leads out of its folder"),
    ("absolute", "a.zip", zipped({"/etc/a.csv": TEXT}), "holds '/etc/a.csv', a name that leads out of its folder"),
    ("drive", "a.zip", zipped({"C:/a.csv": TEXT}), "a name that leads out of its folder"),
    ("control_characters", "a.zip", zipped({"a\x1b[2J.csv": TEXT}), "or cannot be shown"),
    ("truncated", "a.zip", STORED[:-10], "the archive is damaged or truncated"),
    ("truncated_gzip", "a.csv.gz", gzip.compress(TEXT)[:-6], "the archive is damaged or truncated"),
    ("damaged", "a.zip", with_another_byte(STORED, STORED.index(TEXT) + 3), "a.zip/a.csv: the archive is damaged"),
    ("damaged_gzip", "a.csv.gz", with_another_byte(gzip.compress(TEXT), -6 % len(gzip.compress(TEXT))), "is damaged"),
)


@pytest.mark.parametrize(("name", "packed", "reason"), [row[1:] for row in FAULTY], ids=[row[0] for row in FAULTY])
def test_a_faulty_archive_is_told(tmp_path: Path, name: str, packed: bytes, reason: str) -> None:
    message = told(local(tmp_path, **{name: packed}))
    assert reason in message
    assert "To do: " in message


def test_an_archive_says_more_bytes_than_it_names(tmp_path: Path) -> None:
    packed = bytearray(STORED)
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", packed, packed.index(signature) + offset, 9)
    assert "the archive is damaged" in told(local(tmp_path, **{"a.zip": bytes(packed)}))


def test_an_entry_that_is_another_than_the_list_says_is_damage(tmp_path: Path) -> None:
    packed = zipped({"a.csv": TEXT, "b.csv": TEXT})
    message = told(local(tmp_path, **{"a.zip": packed.replace(b"b.csv", b"c.csv", 1)}))
    assert "the archive is damaged" in message
    assert message.count("To do: ") == 1


ZEROS = b"0" * (20 << 20)


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("a.zip", zipped({"a.csv": ZEROS})),
        ("a.zip", zipped({"a.csv": ZEROS[: 10 << 20], "b.csv": ZEROS[: 10 << 20]})),
        ("a.csv.gz", gzip.compress(ZEROS)),
    ],
    ids=["zip", "zip_of_two", "gzip"],
)
def test_an_archive_that_unpacks_to_far_more_than_it_is_stops_at_the_limit(
    tmp_path: Path, name: str, packed: bytes
) -> None:
    card = local(tmp_path, **{name: packed})
    message = told(card, Settings(unpack_ratio_limit=200))
    assert "the archive unpacks to more than 200 times its size (NEEDS_UNPACK_RATIO_LIMIT)" in message
    assert sum(len(content) for _, content in taken(card, Settings(unpack_ratio_limit=2000))) == len(ZEROS)
    message = told(card, Settings(unpack_ratio_limit=2000, unpacked_size_limit=1 << 20))
    assert "more than 1,048,576 bytes (NEEDS_UNPACKED_SIZE_LIMIT)" in message


def test_what_was_unpacked_before_a_fault_is_closed(tmp_path: Path) -> None:
    packed = with_another_byte(zipped({"a.csv": b"1\n", "b.csv": TEXT}, zipfile.ZIP_STORED), -140)
    card = local(tmp_path, **{"a.zip": packed})
    before = len(list(Path("/proc/self/fd").iterdir()))
    assert "damaged" in told(card)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_limits_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = local(tmp_path, **{"extract.csv": TEXT})
    monkeypatch.setenv("NEEDS_EXTRACT_SIZE_LIMIT", "10")
    with pytest.raises(ExtractError, match="larger than 10 bytes"), open_parts(card):
        pass


def test_a_part_can_be_told_from_another() -> None:
    one = Part("a", "a", 1, "0", io.BytesIO)
    assert one == Part("a", "a", 1, "0", lambda: io.BytesIO(b"x"))
