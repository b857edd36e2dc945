"""Alerts: what a failed run or check sends to whoever runs the deployment, by webhook and by e-mail.

An alert names job, wave or round, rules with their counts, and where to look. It names no response and no answer: the
keys of offending rows stay in the run. Not here: when one is sent (sensors.py), addresses (settings.py).
"""

from __future__ import annotations

import json
import smtplib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestration.settings import Alerts

_TRIES = 3
_PAUSE_SECONDS = 1.0
_TIMEOUT_SECONDS = 10


class AlertError(RuntimeError):
    """An alert reached nobody by one of its ways; the message says which and why."""


@dataclass(frozen=True)
class BrokenRule:
    """A rule that was broken: where it was checked, its severity, and how many rows broke it."""

    rule: str
    place: str
    severity: str
    count: int | None

    def __str__(self) -> str:
        found = "" if self.count is None else f", {self.count} found"
        return f"{self.rule} ({self.place}, {self.severity}{found})"


@dataclass(frozen=True)
class Alert:
    """What happened in a run: `of` is its wave or round, empty where it has none."""

    what: str
    job: str
    of: str
    run_id: str
    link: str
    rules: tuple[BrokenRule, ...]
    reason: str

    @property
    def subject(self) -> str:
        """One line."""
        return f"City needs: {self.what}: {self.job}{f' {self.of}' if self.of else ''}"

    @property
    def text(self) -> str:
        """The whole of it."""
        lines = [self.subject, *(f"- {rule}" for rule in self.rules), self.reason, self.link]
        return "\n".join(line for line in lines if line)


def send(alert: Alert, alerts: Alerts) -> None:
    """Send an alert by every way that is set up. Raises AlertError, after all were tried, where one failed."""
    ways = [("webhook", alerts.webhook, _post), ("e-mail", alerts.email_to, _mail)]
    failed = [f"{name}: {problem}" for name, to, way in ways if to and (problem := _try(way, alert, alerts))]
    if failed:
        raise AlertError(f"an alert was not sent by {'; '.join(failed)}. It said: {alert.subject}")


def _try(way: Callable[[Alert, Alerts], None], alert: Alert, alerts: Alerts) -> str:
    """What was wrong the last time, if every time failed."""
    problem = ""
    for attempt in range(_TRIES):
        try:
            way(alert, alerts)
        except (OSError, smtplib.SMTPException) as error:
            problem = f"{type(error).__name__}: {error}"
            time.sleep(_PAUSE_SECONDS * 2**attempt if attempt + 1 < _TRIES else 0)
        else:
            return ""
    return problem


def _post(alert: Alert, alerts: Alerts) -> None:
    import requests

    body = {"text": alert.text, **asdict(alert)}
    headers = {"Content-Type": "application/json"}
    address = alerts.webhook.get_secret_value() if alerts.webhook else ""
    try:
        answer = requests.post(address, data=json.dumps(body), headers=headers, timeout=_TIMEOUT_SECONDS)
    except requests.RequestException as error:
        # The address is a secret: it lets anybody post.
        raise OSError(type(error).__name__) from None
    if not answer.ok:
        raise OSError(f"the server answered {answer.status_code}")


def _mail(alert: Alert, alerts: Alerts) -> None:
    message = EmailMessage()
    message["Subject"] = alert.subject
    message["From"] = alerts.email_from
    message["To"] = ", ".join(alerts.email_to)
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=alerts.email_from.rpartition("@")[2])
    message.set_content(alert.text)
    with smtplib.SMTP(alerts.smtp_host, alerts.smtp_port, timeout=_TIMEOUT_SECONDS) as server:
        if alerts.smtp_starttls:
            server.starttls()
        if alerts.smtp_user and alerts.smtp_password:
            server.login(alerts.smtp_user, alerts.smtp_password.get_secret_value())
        server.send_message(message)
