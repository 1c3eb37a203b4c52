"""An estate with a million tickets in PostgreSQL within a minute or two: written by the database itself, indexes made afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, text

COMMUNITIES, BUILDINGS, HOUSES = 20, 12, 60
"""Per company, per community, per building: 14,400 houses."""
STAFF = 12
RARE = "马蜂窝"
EVERY_RARE = 50_000
COMMON = "漏水"
CALLS_EVERY = 5
"""One call to so many tickets."""

_ESTATE = f"""
INSERT INTO community (id, code, name, name_en, address)
SELECT 1000 + c, 'bench' || c, '测试小区' || c, '', '' FROM generate_series(1, {COMMUNITIES}) c;
INSERT INTO building (id, community_id, number, name, position)
SELECT 1000 + c * 100 + b, 1000 + c, b::text, b || '幢', b
FROM generate_series(1, {COMMUNITIES}) c, generate_series(1, {BUILDINGS}) b;
INSERT INTO unit (id, building_id, number, name) SELECT id, id, '1', '1单元' FROM building WHERE id > 1000;
INSERT INTO house (id, community_id, building_id, unit_id, number, name, floor, area_m2, state)
SELECT b.id * 100 + h, b.community_id, b.id, b.id, (100 * (1 + h / 4) + 1 + h % 4)::text,
       b.number || '幢1单元' || (100 * (1 + h / 4) + 1 + h % 4), 1 + h / 4, 9050, 'occupied'
FROM building b, generate_series(1, {HOUSES}) h WHERE b.id > 1000;
INSERT INTO staff (id, name, role, active)
SELECT 100000 + c * 100 + s, (ARRAY['王','李','张','刘','陈','杨'])[1 + s % 6] || (ARRAY['建国','秀英','伟','芳','敏','强'])[1 + c % 6],
       'technician', true FROM generate_series(1, {COMMUNITIES}) c, generate_series(1, {STAFF}) s;
INSERT INTO staff_community (staff_id, community_id)
SELECT id, 1000 + (id - 100000) / 100 FROM staff WHERE id > 100000;
INSERT INTO person (id, name, pinyin, locale, wants_report_by_email)
SELECT id, f.name || g.name, ' ' || f.typed || g.typed, 'zh', true FROM house
JOIN (VALUES (0,'赵','zhao'),(1,'钱','qian'),(2,'孙','sun'),(3,'周','zhou'),(4,'吴','wu')) f(n, name, typed) ON f.n = house.id % 5
JOIN (VALUES (0,'敏','min'),(1,'伟','wei'),(2,'芳','fang'),(3,'强','qiang'),(4,'静','jing')) g(n, name, typed) ON g.n = house.id / 5 % 5
WHERE house.id > 100000;
INSERT INTO tenure (person_id, house_id, role, starts_on) SELECT id, id, 'owner', '2019-01-01' FROM person WHERE id > 100000;
INSERT INTO phone (id, number, is_mobile)
SELECT id, '+86138' || lpad((row_number() OVER (ORDER BY id) - 1)::text, 8, '0'), true FROM person WHERE id > 100000;
INSERT INTO person_phone (person_id, phone_id, is_primary) SELECT id, id, true FROM phone WHERE id > 100000;
"""

_TICKETS = f"""
INSERT INTO ticket (number, community_id, kind, channel, priority, state, category_id, title, description, house_id, building_id,
    reporter_name, reporter_phone, reporter_locale, department_id, assignee_id, is_written, is_repeat, callback_due,
    counts_in_figures, created_at, due_at, closed_at, reopened_count, revision)
SELECT lpad((30000000 + n)::text, 8, '0'), h.community_id,
    (ARRAY['repair','repair','repair','consultation','complaint','service','suggestion'])[1 + n % 7],
    (ARRAY['hotline','hotline','hotline','desk','web','patrol'])[1 + n % 6],
    (ARRAY['normal','normal','normal','low','urgent'])[1 + n % 5],
    CASE WHEN n < :closed THEN 'closed'
         ELSE (ARRAY['registered','dispatched','in_progress','waiting','done'])[1 + n % 5] END,
    (ARRAY(SELECT id FROM category ORDER BY id))[1 + n % 14],
    CASE WHEN n % {EVERY_RARE} = 17 THEN '屋檐下有{RARE}，请尽快处理' ELSE
      (ARRAY['厨房','卫生间','阳台','客厅','主卧','地下车库','电梯厅','楼道','大堂','花园'])[1 + (n / 7) % 10] ||
      (ARRAY['{COMMON}','灯不亮','水压太低','门锁打不开','空调不制冷','下水道堵塞','墙面渗水','噪音扰民','垃圾没有清理','电梯有异响','插座没有电',
             '窗户关不上','想问物业费怎么交','地砖松动','异味很大','对讲机听不清','监控坏了',
             '绿化带需要修剪','快递柜打不开','消防门关不严'])[1 + (n * 31) % 20]
      || '，' || (ARRAY['请派人看看','家里有老人，着急','晚上六点以后在家','已经第二次了','谢谢'])[1 + n % 5] END,
    '业户来电说明情况，希望尽快处理。', h.id, h.building_id,
    (ARRAY['赵敏','钱伟','孙芳','周强','吴静'])[1 + n % 5], '+86138' || lpad((n % 40000)::text, 8, '0'), 'zh',
    NULL, 100000 + (h.community_id - 1000) * 100 + 1 + n % {STAFF}, false, false, false, true,
    now() - (:rows - n) * (interval '1095 days' / :rows),
    CASE WHEN n < :closed THEN NULL ELSE now() + (n % 50) * interval '1 hour' - interval '20 hours' END,
    CASE WHEN n < :closed THEN now() - (:rows - n) * (interval '1095 days' / :rows) + interval '1 day' END, 0, 1
FROM generate_series(1, :rows) n
JOIN (SELECT id, community_id, building_id, row_number() OVER (ORDER BY id) - 1 AS place FROM house WHERE id > 100000) h
  ON h.place = (n::bigint * 7919) % {COMMUNITIES * BUILDINGS * HOUSES}
"""

_CALLS = """
INSERT INTO call (provider_sid, direction, from_number, to_number, community_id, status, outcome, started_at, ended_at,
    duration_seconds, locale, step, facts)
SELECT 'CAs' || n, 'inbound', '+86138' || lpad((n % 40000)::text, 8, '0'), '+862160000000', 1001 + n % 20, 'completed', 'ticket', at,
    at + interval '2 minutes', 120, 'zh', 'end', '{}'
FROM (SELECT n, now() - (:rows - n) * (interval '1095 days' / :rows) AS at FROM generate_series(1, :rows) n) s
"""


def make_estate(connection: Connection) -> None:
    """Communities, houses and staff; the tickets come with `fill`."""
    for statement in _ESTATE.split(";\n"):
        if statement.strip():
            connection.execute(text(statement))


@contextmanager
def without_indexes(connection: Connection, table: str) -> Iterator[None]:
    """A table is filled faster without them; those of its constraints stay."""
    later = connection.execute(
        text(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = :table AND indexname NOT IN "
            "(SELECT conname FROM pg_constraint WHERE conrelid = CAST(:table AS regclass))"
        ),
        {"table": table},
    ).all()
    for name, _definition in later:
        connection.execute(text(f'DROP INDEX "{name}"'))
    yield
    for _name, definition in later:
        connection.execute(text(definition))


def fill(engine: Engine, rows: int, closed: int | None = None) -> None:
    """`rows` tickets, the first `closed` of them closed (all but one in two hundred). Indexes and checks of keys wait until they are
    written; statistics are made as autovacuum would."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("SET LOCAL maintenance_work_mem = '512MB'"))
        with without_indexes(connection, "ticket"):
            settled = rows - rows // 200 if closed is None else closed
            connection.execute(text(_TICKETS), {"rows": rows, "closed": settled})
        connection.execute(text("ALTER INDEX ix_ticket_title_grams ALTER COLUMN 1 SET STATISTICS 400"))
        connection.execute(text(_CALLS), {"rows": rows // CALLS_EVERY})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
