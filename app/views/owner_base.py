"""What every page of a household shares: the frame (houses, community, hotline), the tab it stands under, form errors in place."""

from __future__ import annotations

from typing import Any

from flask import session as browser

from app.adapters.clock import now
from app.extensions import db
from app.services.owner_frame import Frame, frame_of
from app.views.base import BasePage
from app.views.base.cells import plain_decimal
from app.views.base.local import month_words
from app.views.base.rows import as_id

CHOSEN = "owner_house"
"""Where the browser's session keeps the house a household looks at."""

LIFE_LINES = (("119", "fire"), ("120", "ambulance"), ("110", "police"))


class OwnerBase(BasePage):
    """A page under `/owner/`; `tab` is the entry of the tab bar it belongs to."""

    route_base = "/owner"
    tab = "home"

    def frame(self) -> Frame:
        """The frame of this request."""
        chosen = browser.get(CHOSEN)
        return frame_of(db.session(), self.actor(), as_id(str(chosen)) if chosen else None)

    def page(
        self, template: str, status: int = 200, frame: Frame | None = None, tab: str | None = None, **values: Any
    ) -> Any:
        """The page with its frame."""
        shown = self.render_template(
            template,
            frame=frame or self.frame(),
            tab=tab or self.tab,
            now=now(),
            life_lines=LIFE_LINES,
            plain=plain_decimal,
            month_words=month_words,
            **values,
        )
        return shown, status
