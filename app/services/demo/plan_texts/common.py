"""What several of the demo's plans name: who answers by telephone, and where a key hangs."""

from app.services.seed_data.plans import RESCUE

FIRE_BRIGADE, AMBULANCE, POLICE = RESCUE
DESK = ("021-60000000", "物业24小时服务热线", "Property hotline, 24 hours")
PUMPS = ("水泵房钥匙", "Key of the pump room", "中控室钥匙柜2号钩", "Control room, key cabinet, hook 2")
