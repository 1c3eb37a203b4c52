"""Keys and items lent out at the counter (D12): some out, one past its time, others back."""

from datetime import timedelta

from app.models import Loan
from app.rules.codes import LoanKind, Role
from app.services.demo.estate import DemoHouse
from app.services.demo.people import OWNER_HOUSES
from app.services.demo.world import World

LENT = (
    (LoanKind.KEY, "屋面检修门钥匙 R-2", 0, "电梯维保 周师傅", "维保单位，分机 8021", 26, 4, None),
    (LoanKind.KEY, "入户门备用钥匙", 5, "装修公司 陈工", "水电改造", 6, 30, None),
    (LoanKind.ITEM, "雨伞 3 号", 2, "本户住户", "", 20, 24, None),
    (LoanKind.ITEM, "冲击钻", 4, "本户住户", "", 50, 24, 22),
    (LoanKind.KEY, "消防井钥匙 X-1", 0, "消防维保 孙师傅", "季度检测", 74, 8, 5),
)
"""Kind, thing, building (0: none), who took it, how to reach them, hours before today, hours until due, hours until it was back."""


def lend(world: World) -> None:
    """Write the register of the last days, as it stands when today begins."""
    assistant = world.team.of(Role.ASSISTANT)[0]
    for kind, what, building, taken_by, reach, ago, due, back in LENT:
        at = world.cutoff - timedelta(hours=ago)
        returned_at = at + timedelta(hours=back) if back else None
        house = _house(world, building)
        world.writer.add(
            Loan,
            community_id=world.estate.community_id,
            kind=kind,
            what=what,
            house_id=house.id if house else None,
            taken_by=taken_by,
            reach=reach,
            lent_at=at,
            lent_by=assistant.name,
            due_at=at + timedelta(hours=due),
            returned_at=returned_at,
            returned_by=taken_by if returned_at else "",
            received_by=assistant.name if returned_at else "",
            note="",
        )


def _house(world: World, building: int) -> DemoHouse | None:
    return next(
        (one for one in world.estate.houses if one.building_number == building and one.name not in OWNER_HOUSES), None
    )
