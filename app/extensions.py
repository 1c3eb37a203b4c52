"""The unbound extensions that create_app wires together."""

from flask_appbuilder import AppBuilder
from flask_appbuilder.models.sqla import Model
from flask_appbuilder.models.sqla.base import SQLA
from flask_migrate import Migrate
from flask_wtf.csrf import CSRFProtect

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
# Named constraints are what lets a migration drop them again, on SQLite too.
Model.metadata.naming_convention = NAMING

db = SQLA()
migrate = Migrate()
csrf = CSRFProtect()
appbuilder = AppBuilder()
