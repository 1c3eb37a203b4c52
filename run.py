"""The application object for Flask's commands, and the processes of the product: web, scheduler, worker, or all in one."""

import sys

from app.cli.processes import main
from app.errors import SettingsError

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

from app import create_app

try:
    app = create_app()
except SettingsError as error:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(2) from None
