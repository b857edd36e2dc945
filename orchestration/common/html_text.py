"""HTML as plain text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_HIDDEN_TAGS = ("script", "style")
_INLINE_TAGS = ("a", "abbr", "b", "big", "code", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub",
                "sup", "u")  # fmt: skip


class _PlainText(HTMLParser):
    """Collects what a reader of a page sees; an image counts by its alternative text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN_TAGS
        if tag == "img":
            self.parts.append(f" {dict(attrs).get('alt') or ''}")
        if tag not in _INLINE_TAGS:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _HIDDEN_TAGS and self._hidden > 0
        if tag not in _INLINE_TAGS:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def squeeze(text: str) -> str:
    """Text on one line, with single spaces and no control characters."""
    return " ".join(_CONTROL.sub(" ", text).split())


def plain(text: str) -> str:
    """HTML as plain text on one line: no tags, entities replaced, nothing of scripts and styles."""
    parser = _PlainText()
    parser.feed(text)
    parser.close()
    return squeeze("".join(parser.parts))
