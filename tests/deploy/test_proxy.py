"""The proxy: a real nginx with nginx.conf before a small backend and two sites."""

import base64
import http.client
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from servers import free_port, wait_until_it_answers
from units import DEPLOY

HOST = "needs.example.org"
USER, PASSWORD = "ada", "a long: pass word"
SECURITY = {
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Referrer-Policy": "same-origin",
}


@dataclass
class Proxy:
    """Where nginx listens, and what the backend behind it was asked."""

    https: int
    http: int
    asked: list[tuple[str, Mapping[str, str]]]

    def get(self, path: str, host: str = HOST, password: str | None = None, **headers: str) -> http.client.HTTPResponse:
        """The answer to a request to a name of this machine's proxy."""
        unverified = ssl._create_unverified_context()
        connection = http.client.HTTPSConnection("127.0.0.1", self.https, context=unverified, timeout=20)
        if password is not None:
            headers["Authorization"] = f"Basic {base64.b64encode(f'{USER}:{password}'.encode()).decode()}"
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", path, headers={"Host": host, **headers})
        answer = connection.getresponse()
        answer.text = "" if answer.status == 101 else answer.read().decode()  # type: ignore[attr-defined]
        return answer


class Backend(BaseHTTPRequestHandler):
    """Answers as Dagster's web UI does: pages, and a web socket where one is asked for."""

    server: "BackendServer"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        is_socket = self.headers.get("Upgrade") == "websocket"
        self.send_response(101 if is_socket else 200)
        if is_socket:
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
        else:
            self.send_header("Content-Length", "2")
        self.end_headers()
        if not is_socket:
            self.wfile.write(b"UI")

    def log_message(self, *_: object) -> None:
        """Quiet."""


class BackendServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Backend)
        self.asked: list[tuple[str, Mapping[str, str]]] = []


def configure(folder: Path, backend: int, https: int, http_port: int) -> Path:
    """nginx.conf as Debian's own file includes it, with the places and ports of a test."""
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    places = {
        f"/etc/letsencrypt/live/{HOST}": str(folder),
        "/etc/needs/passwords": str(folder / "passwords"),
        "/var/www/needs": str(folder / "sites"),
        "127.0.0.1:3000": f"127.0.0.1:{backend}",
        "listen 443 ssl": f"listen 127.0.0.1:{https} ssl",
        "listen 80": f"listen 127.0.0.1:{http_port}",
    }
    for place, here in places.items():
        assert place in text, place
        text = text.replace(place, here)
    logs = "access_log off; error_log stderr;"
    temporary = " ".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "nginx.conf"
    # The user of the machine's own workers may not see a test's folder; who is not root cannot choose one.
    path.write_text(
        f"user root;\npid {folder}/pid;\ndaemon off;\nerror_log stderr;\nevents {{}}\n"
        f"http {{\ninclude /etc/nginx/mime.types;\n{logs}\n{temporary}\n{text}}}\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("nginx")
    for name, text in {"2024": "public", "2024-internal": "of the house", "drafts": "nobody's"}.items():
        (folder / "sites" / name / "needs").mkdir(parents=True)
        for page in ("index.html", "needs/index.html"):
            (folder / "sites" / name / page).write_text(f"{text} {page}", encoding="utf-8")
    (folder / "secret").write_text("outside", encoding="utf-8")
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem"), "-subj", f"/CN={HOST}"]
    subprocess.run([*make, *files], check=True, capture_output=True)
    hashed = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"], input=PASSWORD, check=True, capture_output=True, text=True
    )
    (folder / "passwords").write_text(f"{USER}:{hashed.stdout}", encoding="utf-8")
    backend = BackendServer()
    threading.Thread(target=backend.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    https, http_port = free_port(), free_port()
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    assert nginx, "`.ci/run` installs nginx; on Debian: apt-get install nginx-light"
    path = configure(folder, backend.server_port, https, http_port)
    looked_at = subprocess.run([nginx, "-t", "-c", str(path)], capture_output=True, text=True, check=False)
    assert looked_at.returncode == 0, looked_at.stderr
    assert "[warn]" not in looked_at.stderr.replace('the "user" directive makes sense only', ""), looked_at.stderr
    with subprocess.Popen([nginx, "-c", str(path)], stderr=subprocess.DEVNULL) as server:
        try:
            wait_until_it_answers(https, "nginx")
            yield Proxy(https, http_port, backend.asked)
        finally:
            server.terminate()
            backend.shutdown()


@pytest.mark.parametrize("path", ["/", "/graphql", "/runs/1", "/server_info", "/dagit/notebook"])
def test_nobody_reaches_the_web_ui_without_a_password(path: str, proxy: Proxy) -> None:
    before = len(proxy.asked)
    for password in (None, "", "wrong", f"{PASSWORD} "):
        answer = proxy.get(path, password=password)
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="City needs warehouse"')
    assert len(proxy.asked) == before
    assert proxy.get(path, password=PASSWORD).status == 200


def test_the_web_ui_knows_where_a_request_came_from_and_no_password(proxy: Proxy) -> None:
    assert proxy.get("/runs?x=1", password=PASSWORD, X_Forwarded_For="6.6.6.6").text == "UI"
    path, headers = proxy.asked[-1]
    assert path == "/runs?x=1"
    assert headers["Host"] == HOST
    assert headers["X-Forwarded-Proto"] == "https"
    assert headers["X-Forwarded-For"] == "127.0.0.1", "not what a client says"
    assert "Authorization" not in headers
    assert "Upgrade" not in headers


def test_a_web_socket_passes_and_not_without_a_password(proxy: Proxy) -> None:
    asked = {"Upgrade": "websocket", "Connection": "Upgrade"}
    assert proxy.get("/graphql", **asked).status == 401
    answer = proxy.get("/graphql", password=PASSWORD, **asked)
    assert (answer.status, answer.headers["Upgrade"]) == (101, "websocket")
    _, headers = proxy.asked[-1]
    assert (headers["Upgrade"], headers["Connection"]) == ("websocket", "upgrade")


@pytest.mark.parametrize(
    ("host", "path", "status", "text"),
    [
        (f"2024.{HOST}", "/", 200, "public index.html"),
        (f"2024.{HOST}", "/needs/", 200, "public needs/index.html"),
        (f"2024.{HOST}", "/nothing", 404, ""),
        (f"2025.{HOST}", "/", 404, ""),
        (f"2024.{HOST}", "/../2024-internal/index.html", 400, ""),
        (f"2024.{HOST}", "/..%2f..%2fsecret", 400, ""),
        (f"2024-internal.{HOST}", "/", 401, ""),
        (f"2024-internal.{HOST}", "/needs/", 401, ""),
        (f"2024-INTERNAL.{HOST}", "/", 401, ""),
        (f"drafts.{HOST}", "/", 401, ""),
        ("elsewhere.example.org", "/", 401, ""),
    ],
)
def test_only_public_sites_are_shown_to_everybody(host: str, path: str, status: int, text: str, proxy: Proxy) -> None:
    answer = proxy.get(path, host)
    assert answer.status == status
    assert not text or answer.text == text
    assert "house" not in answer.text
    assert "outside" not in answer.text


def test_who_is_known_sees_the_sites_of_the_house(proxy: Proxy) -> None:
    answer = proxy.get("/needs/", f"2024-internal.{HOST}", password=PASSWORD)
    assert (answer.status, answer.text) == (200, "of the house needs/index.html")
    assert proxy.get("/needs", f"2024.{HOST}").headers["Location"] == "/needs/"


@pytest.mark.parametrize(
    ("host", "path"),
    [(HOST, "/"), (f"2024.{HOST}", "/"), (f"2024.{HOST}", "/nothing"), (f"2024-internal.{HOST}", "/")],
)
def test_each_answer_has_headers_that_keep_it_safe(host: str, path: str, proxy: Proxy) -> None:
    answer = proxy.get(path, host)
    assert {name: answer.headers[name] for name in SECURITY} == SECURITY
    assert answer.headers["Server"] == "nginx"


@pytest.mark.parametrize("host", [HOST, f"2024.{HOST}"])
def test_what_is_not_encrypted_is_sent_on(host: str, proxy: Proxy) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.http, timeout=20)
    connection.request("GET", "/runs?x=1", headers={"Host": host})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{host}/runs?x=1")
