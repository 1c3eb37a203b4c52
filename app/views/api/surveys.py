"""Opinion surveys over REST: what was asked, of how many, and how many answered; never who answered what."""

from app.models import Survey
from app.views.base.rest import RestApi
from app.views.base.rows import RowInterface


class SurveyApi(RestApi):
    """Opinion surveys (D8)."""

    resource_name = "survey"
    datamodel = RowInterface(Survey)
    columns = (
        "id",
        "community_id",
        "community.name",
        "questionnaire_id",
        "title",
        "title_en",
        "cycle",
        "period_starts_on",
        "state",
        "percent",
        "asked",
        "answered",
        "created_at",
        "opened_at",
        "closes_on",
        "closed_at",
    )
