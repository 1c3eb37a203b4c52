"""The forms of a dispute between neighbours (D5): how it is opened on a complaint, and each step on its own page."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _

from app.models import DisputeEvidence, DisputeParty, DisputeStatement
from app.rules.codes import StatementState
from app.views.dispute_words import side
from app.views.labels import choices, code_label
from app.views.verb_forms import Field, Wording

DISPUTE_WORDS: dict[str, Wording] = {
    "dispute": Wording(
        _("Dispute between neighbours"),
        _("Each side is heard by itself; statements, evidence and talks are kept on a page of their own."),
        "people",
    ),
}


def fields() -> list[Field]:
    """How a complaint becomes a dispute between neighbours."""
    return [
        Field("matter", "choice", _("What they dispute about"), True, options=choices("dispute_matter")),
        Field(
            "name",
            "text",
            _("The other side"),
            hint=_("Its name, or how the house calls them; more can be added later."),
        ),
    ]


def effects() -> list[str]:
    """What it brings about, said before it is taken."""
    return [
        str(_("It is closed after each side was heard by itself and it is noted how the talks ended.")),
        str(_("Neither side sees what the other says, or its name and number.")),
    ]


def step_fields(
    parties: list[DisputeParty], statements: list[DisputeStatement], evidence: list[DisputeEvidence]
) -> dict[str, list[Field]]:
    """Step → its fields, of what can be chosen now."""
    sides = [(str(one.id), f"{side(one.place)} · {one.name}") for one in parties]
    unread = [one for one in statements if one.state == StatementState.TAKEN]
    results = [pair for pair in choices("statement_state") if pair[0] != StatementState.TAKEN]
    standing = [(str(one.id), _item(one)) for one in evidence if one.struck_at is None]
    return {
        "party": [
            Field("name", "text", _("Name, or how the house calls them"), True),
            Field("phone", "tel", _("Phone number")),
        ],
        "statement": [
            Field("party_id", "select", _("Side"), True, options=sides),
            Field("way", "choice", _("How it was heard"), options=choices("statement_way")),
            Field("heard_at", "when", _("When"), hint=_("Left empty: now.")),
            Field("words", "letter", _("What this side says"), hint=_("In its own words, without yours.")),
            Field("alone", "tick", _("Nobody of another side was there.")),
            Field("declined", "tick", _("This side will not be heard.")),
            Field("why", "text", _("What it says to not being heard")),
        ],
        "read": [
            Field(
                "statement_id", "select", _("Statement"), True, options=[(str(one.id), _said(one)) for one in unread]
            ),
            Field("state", "choice", _("What came of reading it back"), True, options=results),
            Field("answer", "area", _("What that side says to it")),
        ],
        "evidence": [
            Field("kind", "choice", _("Kind"), True, options=choices("evidence_kind")),
            Field("party_id", "select", _("From which side"), options=[("", _("Found by the service centre")), *sides]),
            Field(
                "what", "area", _("What it shows"), True, _("Without a judgement: what is to be seen or heard, where.")
            ),
            Field("made_at", "when", _("When it was made or seen"), hint=_("Left empty: now.")),
            Field(
                "kept", "text", _("Where the original is kept"), hint=_("A recording that cannot be added, a paper.")
            ),
        ],
        "strike": [
            Field("evidence_id", "select", _("Item"), True, options=standing),
            Field("why", "text", _("Why it is struck"), True),
        ],
        "talk": [
            Field("way", "choice", _("How it was held"), True, options=choices("talk_way")),
            Field("held_at", "when", _("When"), hint=_("Left empty: now.")),
            *_ticks("present", _("Present: %(side)s"), parties),
            Field(
                "others",
                "text",
                _("Who else was there"),
                hint=_("Residents' committee, community police, owners' committee."),
            ),
            Field(
                "notes",
                "letter",
                _("What was talked about"),
                True,
                _("Neutral: what each side wants and offers, no judgement."),
            ),
            Field("outcome", "choice", _("Outcome"), options=choices("talk_outcome")),
            Field("next_at", "when", _("Next talk")),
            Field("agreement", "letter", _("What was agreed"), hint=_("Who does what, by when.")),
            *_ticks("signed", _("The agreement is signed by: %(side)s"), parties),
        ],
    }


def _ticks(name: str, words: Any, parties: list[DisputeParty]) -> list[Field]:
    return [Field(f"{name}_{one.place}", "tick", words % {"side": side(one.place)}) for one in parties]


def _said(one: DisputeStatement) -> str:
    return f"{one.number} · {side(one.party.place)} · {one.party.name}"


def _item(one: DisputeEvidence) -> str:
    return f"{one.number} · {code_label('evidence_kind', one.kind)} · {one.what[:30]}"
