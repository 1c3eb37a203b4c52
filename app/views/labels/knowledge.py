"""Labels of the knowledge base."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext

from app.rules import codes

CODES: dict[str, dict[str, Any]] = {
    "answer_state": {
        "draft": _("Draft"),
        "reviewed": lazy_pgettext("answer", "Reviewed"),
        "published": lazy_pgettext("answer", "In force"),
        "superseded": lazy_pgettext("answer", "Replaced"),
        "withdrawn": lazy_pgettext("answer", "Withdrawn"),
    },
}

FAMILIES: dict[str, type[Any]] = {"answer_state": codes.AnswerState}
