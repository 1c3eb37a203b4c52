"""Names that are found by their pinyin: the spellings stand beside the name and follow it."""

from typing import Any

from sqlalchemy import Connection, Text, event, inspect
from sqlalchemy.orm import Mapped, Mapper, mapped_column

from app.rules.pinyin import spellings


def _at_first(context: Any) -> str:
    return spellings(context.get_current_parameters().get("name") or "")


class Spelled:
    """A table with a `name`. Whoever writes names by a bare UPDATE writes `pinyin` with them."""

    pinyin: Mapped[str] = mapped_column(Text, default=_at_first, server_default="", deferred=True)


@event.listens_for(Spelled, "before_update", propagate=True)
def _follow(_mapper: Mapper[Any], _connection: Connection, row: Any) -> None:
    if inspect(row).attrs.name.history.has_changes():
        row.pinyin = spellings(row.name or "")
