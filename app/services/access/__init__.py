"""Which rows an actor may see (D15): one function for pages, REST, commands, jobs and exports. Shut by default.

`rules.row_scopes` says which role sees how far into which table; here stands what that means as a condition.

`ways` holds what tables share, `confidential` what is narrower than its table, `tables` a line for each.
"""

from typing import Any

from sqlalchemy import and_, false, true

from app.rules.codes import Role
from app.services.access.confidential import NARROWER, debtors, files
from app.services.access.tables import WAYS
from app.services.access.ways import Condition, scopes, within
from app.services.actors import Actor

__all__ = ["WAYS", "debtors", "files", "rows", "scopes"]


def rows(actor: Actor, model: type[Any]) -> Condition:
    """The SQL condition on `model` that leaves this actor's rows. A model without a line has no rows for anybody but the
    house itself and administrators."""
    if actor.is_system:
        return true()
    if model not in WAYS:
        return true() if actor.has(Role.ADMIN) else false()
    condition = within(actor, model.__name__, WAYS[model])
    narrowed = NARROWER.get(model)
    return and_(condition, narrowed(actor)) if narrowed else condition
