"""`/owner/notices`: what the service centre has told the buildings one lives in (D13)."""

from __future__ import annotations

from typing import Any

from app.extensions import db
from app.services import notices
from app.views.base import expose, has_access, permission_name
from app.views.owner_base import OwnerBase


class OwnerNotices(OwnerBase):
    """The notices for one's own houses, newest first."""

    default_view = "list"
    tab = "more"

    @expose("/notices")
    @has_access
    @permission_name("view")
    def list(self) -> Any:
        """All of them."""
        return self.page("owner/notices.html", notices=notices.for_houses(db.session(), self.actor().house_ids))
