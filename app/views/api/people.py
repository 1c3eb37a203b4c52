"""Person and tenure (D2). The owner's file is not here: name and telephones only (D15)."""

from app.models import Person, Tenure
from app.views.base.rest import RestApi
from app.views.base.rows import RowInterface


class PersonApi(RestApi):
    """People of households."""

    resource_name = "person"
    datamodel = RowInterface(Person)
    columns = ("id", "name", "email", "locale", "phones.id", "phones.number")


class TenureApi(RestApi):
    """Who is tied to which house, since when, until when."""

    resource_name = "tenure"
    datamodel = RowInterface(Tenure)
    columns = ("id", "person_id", "person.name", "house_id", "house.name", "role", "starts_on", "ends_on")
