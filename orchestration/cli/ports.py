"""Ports of the loopback address that a command is to listen on.

Not here: the servers (site/build.py, Dagster).
"""

from __future__ import annotations

import errno
import socket

HOST = "127.0.0.1"


def require_free_port(port: int) -> None:
    """Raises ValueError where something listens on a port already: what it is, and which port is free."""
    if not _is_taken(port):
        return
    free = next((other for other in range(port + 1, min(port + 100, 65536)) if not _is_taken(other)), 0)
    remedy = f"Choose another port, such as --port {free}" if free else "Choose another port with --port"
    raise ValueError(f"Port {port} of {HOST} is taken by {_holder(port)}. {remedy}, or end that process first.")


def _is_taken(port: int) -> bool:
    with socket.socket() as tried:
        # As servers do: a port that was let go a moment ago is free.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise
    return False


def _holder(port: int) -> str:
    """The process that listens on a port, as far as this user may know."""
    import psutil

    try:
        listening = psutil.net_connections("tcp")
        process = next(
            psutil.Process(one.pid)
            for one in listening
            if one.status == psutil.CONN_LISTEN and one.laddr[1:] == (port,) and one.pid
        )
        return f"process {process.pid} ({' '.join(process.cmdline())[:80] or process.name()})"
    except (StopIteration, psutil.Error):
        return "a process of another user"
