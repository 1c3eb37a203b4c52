"""What the demo's emergency plans say: seven kinds of emergency, a module each (D7)."""

from app.services.demo.plan_texts.falling import FALLING
from app.services.demo.plan_texts.fire import FIRE
from app.services.demo.plan_texts.gas import GAS
from app.services.demo.plan_texts.lift import LIFT
from app.services.demo.plan_texts.power import POWER
from app.services.demo.plan_texts.water import WATER
from app.services.demo.plan_texts.weather import WEATHER

PLANS = (FIRE, GAS, WATER, POWER, LIFT, WEATHER, FALLING)
