"""TwiML as data: verbs with attributes, text and nested verbs (https://www.twilio.com/docs/voice/twiml)."""

from __future__ import annotations

from xml.etree import ElementTree

from app.adapters.carrier.simulator.grammar import LARGEST_DOCUMENT, SCHEMA, TOO_LARGE, NotTwiml, Verb, check

__all__ = ["NotTwiml", "Verb", "is_true", "parse", "seconds"]


def parse(text: str, place: str = "call") -> list[Verb]:
    """The verbs of a document: {"verb", "attrs", "text", "children"}, plain data that is kept in the store.

    `place` is where the document was asked for (`grammar.PLACES`). Raises NotTwiml for what Twilio would refuse.
    """
    if len(text.encode("utf-8", "replace")) > LARGEST_DOCUMENT:
        raise NotTwiml("the document is larger than 64 kB", TOO_LARGE)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise NotTwiml("a document type is not allowed")
    try:
        root = ElementTree.fromstring(text.strip().encode("utf-8"))
    except (ElementTree.ParseError, UnicodeError) as error:
        raise NotTwiml(str(error)) from error
    if root.tag != "Response":
        raise NotTwiml(f"<{root.tag}> instead of <Response>")
    if root.attrib or (root.text or "").strip() or any((child.tail or "").strip() for child in root):
        raise NotTwiml("<Response> holds verbs and nothing else", SCHEMA)
    verbs = [_verb(child) for child in root]
    check(verbs, place)
    return verbs


def is_true(verb: Verb, name: str) -> bool:
    """An attribute that says true."""
    return str(verb["attrs"].get(name, "")).lower() == "true"


def seconds(verb: Verb, name: str, default: float) -> float:
    """A number of seconds; `auto` is the default."""
    try:
        return max(0.0, float(verb["attrs"].get(name, default)))
    except ValueError:
        return default


def _verb(element: ElementTree.Element) -> Verb:
    inner = "".join(element.itertext()) if element.tag == "Say" else (element.text or "")
    return {
        "verb": str(element.tag),
        "attrs": dict(element.attrib),
        "text": inner.strip(),
        "children": [_verb(child) for child in element],
    }
