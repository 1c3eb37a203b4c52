"""Campaigns and whom they called and wrote to (D7 … D13)."""

from app.models import Campaign, CampaignTarget
from app.views.base.rest import RestApi
from app.views.base.rows import RowInterface


class CampaignApi(RestApi):
    """Notices, alerts, and the days of return visits and wake-up calls."""

    resource_name = "campaign"
    datamodel = RowInterface(Campaign)
    columns = (
        "id",
        "community_id",
        "purpose",
        "state",
        "title",
        "title_en",
        "text_zh",
        "text_en",
        "by_voice",
        "by_sms",
        "by_web",
        "ticket_id",
        "created_at",
        "started_at",
        "ended_at",
    )


class CampaignTargetApi(RestApi):
    """One planned call or text each, and what came of it."""

    resource_name = "campaign_target"
    datamodel = RowInterface(CampaignTarget)
    further_filters = {"created_at": "not_before"}
    columns = (
        "id",
        "campaign_id",
        "purpose",
        "way",
        "state",
        "reason",
        "number",
        "house_id",
        "house.name",
        "ticket_id",
        "message_id",
        "score",
        "not_before",
        "dialled_at",
        "answered_at",
        "confirmed_at",
        "ended_at",
    )
