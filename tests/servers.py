"""Servers on the loopback address: one that answers as a test wants it to, and those that alerts are sent to."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from orchestration.settings import Alerts


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class Handler(BaseHTTPRequestHandler):
    """Answers a request by the function of its path."""

    server: "Server"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.requests.append(self.path)
        try:
            self.server.routes[self.path.partition("?")[0]](self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def answer(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    """A server on the loopback address that remembers what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.routes: dict[str, Callable[[Handler], None]] = {}
        self.requests: list[str] = []
        self.ended = threading.Event()

    def serve(self, path: str, how: Callable[[Handler], None]) -> str:
        self.routes[path] = how
        return f"http://127.0.0.1:{self.server_port}{path}"

    def handle_error(self, *_: object) -> None:
        """Quiet."""

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}).start()

    def stop(self) -> None:
        self.ended.set()
        self.shutdown()


@dataclass
class Received:
    """What local servers got, and where they listen."""

    alerts: Alerts
    posted: list[dict[str, Any]] = field(default_factory=list)
    mailed: list[str] = field(default_factory=list)
    refuse: int = 0


@contextmanager
def receive_alerts() -> Iterator[Received]:
    """A webhook and a mail server on the loopback address, and the settings of alerts that lead there."""

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.refuse -= 1
            # Kept before it is answered: whoever is answered looks at once.
            if found.refuse < 0:
                found.posted.append(json.loads(body))
            self.send_response(503 if found.refuse >= 0 else 204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quiet."""

    class Mailbox:
        async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:  # noqa: N802
            found.mailed.append(envelope.content.decode("utf-8"))
            return "250 OK"

    hook = HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    port = free_port()
    mail = Controller(Mailbox(), hostname="127.0.0.1", port=port)
    mail.start()
    found = Received(
        Alerts(
            webhook=f"http://127.0.0.1:{hook.server_port}/secret-path",
            email_to=("ops@city.example", "mel@city.example"),
            smtp_host="127.0.0.1",
            smtp_port=port,
        )
    )
    yield found
    hook.shutdown()
    mail.stop()


def wait_until_it_answers(port: int, name: str) -> None:
    """Wait until a server takes connections on a port of this machine."""
    for _ in range(100):
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"{name} does not answer")
