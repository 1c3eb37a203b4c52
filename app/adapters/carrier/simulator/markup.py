"""TwiML as data: verbs with attributes, text and nested verbs (https://www.twilio.com/docs/voice/twiml)."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

Verb = dict[str, Any]
"""{"verb": "Gather", "attrs": {...}, "text": "…", "children": [Verb, …]}: plain data, it is kept in the store."""


class NotTwiml(Exception):
    """The answer of the application is no TwiML document."""


def parse(text: str) -> list[Verb]:
    """The verbs of a document. Raises NotTwiml for anything that is not <Response>…</Response>."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise NotTwiml("a document type is not allowed")
    try:
        root = ElementTree.fromstring(text.strip().encode("utf-8"))
    except ElementTree.ParseError as error:
        raise NotTwiml(str(error)) from error
    if root.tag != "Response":
        raise NotTwiml(f"<{root.tag}> instead of <Response>")
    return [_verb(child) for child in root]


def is_true(verb: Verb, name: str) -> bool:
    """An attribute that says true."""
    return str(verb["attrs"].get(name, "")).lower() == "true"


def seconds(verb: Verb, name: str, default: float) -> float:
    """A number of seconds; `auto` and nonsense are the default."""
    try:
        return max(0.0, float(verb["attrs"].get(name, default)))
    except ValueError:
        return default


def _verb(element: ElementTree.Element) -> Verb:
    return {
        "verb": element.tag,
        "attrs": dict(element.attrib),
        "text": (element.text or "").strip(),
        "children": [_verb(child) for child in element],
    }
