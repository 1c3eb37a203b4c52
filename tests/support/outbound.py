"""A campaign with a carrier behind it, for tests of automatic calls: `Scene`."""

from datetime import timedelta

from sqlalchemy import select

from app.adapters.clock import now as present
from app.models import Campaign, CampaignTarget, House, ReturnVisit, Setting, Ticket
from app.rules.codes import Outreach
from app.services import campaigns, outbound_dial, outbound_texts
from app.services.actors import Actor
from app.services.ticket_verbs import perform
from app.services.tickets import open_ticket
from app.services.transaction import transaction
from app.services.visit_calls import plan_calls
from tests.support.carrier import FakeCarrier, Leg
from tests.support.hotline import ZHANG

BASE = "https://hotline.example.org"
ROBOT = Actor.system("tests")


def fast_texts(session) -> None:
    """A carrier that takes a hundred texts a second: what is due leaves with one run of the job."""
    key = "outbound.texts_per_minute"
    if session.scalars(select(Setting).where(Setting.key == key)).first() is None:
        session.add(Setting(key=key, value="6000"))
        session.flush()


def send_texts(session, now) -> int:
    """Hand the texts that are due to the outbox, by a fast carrier."""
    fast_texts(session)
    return outbound_texts.send_due(session, now)


class Scene:
    """A campaign of plain notices, or visits, with the carrier behind it. `at(seconds)` runs the job that much later."""

    def __init__(self, app, session, community) -> None:
        self.app, self.session, self.carrier = app, session, FakeCarrier()
        self.community_id, self.start = community.id, present()

    def campaign(self, purpose: str = Outreach.NOTICE, key: str = "k") -> Campaign:
        with transaction() as session:
            session.add(
                Campaign(
                    key=key, community_id=self.community_id, purpose=purpose, text_zh="明天上午停水", state="running",
                    created_at=self.start,
                )
            )  # fmt: skip
        return self.session.scalars(select(Campaign).where(Campaign.key == key)).one()

    def plan(self, *numbers: str, purpose: str = Outreach.NOTICE, key: str = "k", **more) -> None:
        self.campaign(purpose, key)
        with transaction() as session:
            campaign = session.scalars(select(Campaign).where(Campaign.key == key)).one()
            for number in numbers:
                campaigns.plan(session, campaign, f"{key}:{number}", number=number, not_before=self.start, **more)

    def at(self, seconds: float, carrier: FakeCarrier | None = None) -> "Scene":
        outbound_dial.tick(transaction, carrier or self.carrier, BASE, self.start + timedelta(seconds=seconds))
        self.session.expire_all()
        self.session.rollback()
        return self

    def leg(self, number: int = 1) -> Leg:
        return Leg(self.app, self.carrier.orders[number - 1], self.carrier.sid(number))

    @property
    def states(self) -> list[str]:
        self.session.expire_all()
        self.session.rollback()
        return list(self.session.scalars(select(CampaignTarget.state).order_by(CampaignTarget.id)))

    def done_ticket(self, **given) -> Ticket:
        """A complaint of 张伟, done two days ago: its visit is owed without a draw."""
        at = self.start - timedelta(days=2)
        with transaction() as session:
            house = session.scalars(select(House).where(House.name == "3幢2单元1201")).one()
            facts = {"kind": "complaint", "channel": "hotline", "title": "电梯很慢", "reporter_phone": ZHANG, **given}
            ticket = open_ticket(session, community=house.community, house=house, actor=ROBOT, now=at, **facts)
            for verb in ("dispatch", "start", "finish"):
                perform(session, ticket, verb, ROBOT, at, {})
            pk = ticket.id
        return self.session.get_one(Ticket, pk)

    def visits_planned(self, days: int = 0) -> int:
        with transaction() as session:
            return plan_calls(session, self.start + timedelta(days=days))

    @property
    def visit(self) -> ReturnVisit:
        self.session.expire_all()
        self.session.rollback()
        return self.session.scalars(select(ReturnVisit).order_by(ReturnVisit.id.desc())).first()
