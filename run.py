"""The application object for Flask's commands, and the processes of the product: web, scheduler, worker, or all in one."""

from app import create_app

app = create_app()
