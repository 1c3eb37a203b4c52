"""Labels of the codes of disputes between neighbours (D5)."""

from typing import Any

from flask_babel import lazy_pgettext

from app.rules import codes

CODES: dict[str, dict[str, Any]] = {
    "dispute_matter": {
        "disturbance": lazy_pgettext("dispute", "Noise"),
        "pets": lazy_pgettext("dispute", "Pets"),
        "leak": lazy_pgettext("dispute", "A leak between homes"),
        "belongings": lazy_pgettext("dispute", "Things in the corridor"),
        "parking_space": lazy_pgettext("dispute", "A parking space"),
        "smoke": lazy_pgettext("dispute", "Smoke and smells"),
        "other": lazy_pgettext("dispute", "Something else"),
    },
    "statement_way": {
        "in_person": lazy_pgettext("statement", "At the service centre"),
        "at_home": lazy_pgettext("statement", "At their home"),
        "phone": lazy_pgettext("statement", "By telephone"),
    },
    "statement_state": {
        "taken": lazy_pgettext("statement", "Not read back yet"),
        "confirmed": lazy_pgettext("statement", "Read back, confirmed by word"),
        "signed": lazy_pgettext("statement", "Read back and signed"),
        "refused": lazy_pgettext("statement", "Refused"),
    },
    "evidence_kind": {
        "photo": lazy_pgettext("evidence", "Photo"),
        "recording": lazy_pgettext("evidence", "Sound or video recording"),
        "document": lazy_pgettext("evidence", "Document"),
        "measurement": lazy_pgettext("evidence", "Measurement"),
        "observation": lazy_pgettext("evidence", "Seen on the spot"),
    },
    "talk_way": {
        "together": lazy_pgettext("talk", "With both sides at one table"),
        "separately": lazy_pgettext("talk", "With one side after the other"),
        "phone": lazy_pgettext("talk", "By telephone"),
        "note": lazy_pgettext("talk", "Neutral note"),
    },
    "talk_outcome": {
        "agreement": lazy_pgettext("talk", "Agreement reached"),
        "no_agreement": lazy_pgettext("talk", "No agreement"),
        "referred": lazy_pgettext("talk", "Taken over by others"),
        "again": lazy_pgettext("talk", "To be continued"),
    },
    "dispute_side": {
        "1": lazy_pgettext("dispute", "Party A"),
        "2": lazy_pgettext("dispute", "Party B"),
        "3": lazy_pgettext("dispute", "Party C"),
        "4": lazy_pgettext("dispute", "Party D"),
        "5": lazy_pgettext("dispute", "Party E"),
        "6": lazy_pgettext("dispute", "Party F"),
    },
}

FAMILIES: dict[str, type[Any]] = {
    "dispute_matter": codes.DisputeMatter,
    "statement_way": codes.StatementWay,
    "statement_state": codes.StatementState,
    "evidence_kind": codes.EvidenceKind,
    "talk_way": codes.TalkWay,
    "talk_outcome": codes.TalkOutcome,
}
