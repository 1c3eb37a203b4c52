"""Flask-AppBuilder views and plain pages by area; register.py lists them all."""
