"""`user create`: the first login of an installation, and any other."""

import click

from app.adapters.clock import now
from app.cli.support import house_command
from app.rules.codes import Role
from app.services.transaction import transaction
from app.services.users import create_user


@click.group("user")
def user_cli() -> None:
    """Logins."""


@user_cli.command("create")
@click.option("--username", required=True, prompt=True)
@click.option("--role", required=True, prompt=True, type=click.Choice([role.value for role in Role]))
@click.option("--name", required=True, prompt=True, help="The person's name, as it is shown.")
@click.option("--email", required=True, prompt=True)
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for when left out.")
@click.option("--community", "communities", multiple=True, help="Code of a community staff works in; may be repeated.")
@click.option("--department", help="Code of the department.")
@click.option("--number", help="The telephone number staff answers.")
@click.option("--person-id", type=int, help="The person an owner or resident is.")
@house_command
def create_command(
    username: str,
    role: str,
    name: str,
    email: str,
    password: str,
    communities: tuple[str, ...],
    department: str | None,
    number: str | None,
    person_id: int | None,
) -> None:
    """Make a login with one role."""
    with transaction() as session:
        user = create_user(
            session,
            username=username,
            password=password,
            role=role,
            name=name,
            email=email,
            now=now(),
            communities=communities,
            department=department,
            number=number,
            person_id=person_id,
        )
        line = f"user {user.username} ({role}) created"
    click.echo(line)
