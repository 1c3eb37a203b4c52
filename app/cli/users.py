"""`user create`: the first login of an installation, and any other; `user unlock` after too many wrong passwords."""

import click
from flask_appbuilder.security.sqla.models import User
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.adapters.clock import now
from app.cli.support import house_command
from app.errors import N_, Invalid, NotFound
from app.rules.codes import AccessAction, Role
from app.services import invitations, second_factor
from app.services.actors import Actor
from app.services.login_audit import note
from app.services.login_limits import unlock_name
from app.services.login_state import end_all_sessions, store_password
from app.services.transaction import transaction
from app.services.users import check_password, create_user, hash_password, names_of


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
    """Make a login with one role; its password must be changed at the first log-in."""
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


@user_cli.command("unlock")
@click.argument("username")
@house_command
def unlock_command(username: str) -> None:
    """Open a login that too many wrong passwords have locked."""
    with transaction() as session:
        user = user_called(session, username)
        unlock_name(session, user.username)
        note(session, user, AccessAction.UNLOCKED, now(), by=Actor.system("flask user unlock"))
    click.echo(f"user {username} unlocked")


def user_called(session: Session, username: str) -> User:
    """The login of this name, in whatever capitals."""
    user = session.scalars(select(User).where(func.lower(User.username) == username.lower())).first()
    if user is None:
        raise NotFound(N_("There is no login %(name)s."), name=username[:64])
    return user


@user_cli.command("invite")
@click.option("--person-id", type=int, help="One person.")
@click.option("--building-id", type=int, help="Everybody of a building who has no login yet.")
@click.option("--dry-run", is_flag=True, help="Only show who would be invited, and how.")
@house_command
def invite_command(person_id: int | None, building_id: int | None, dry_run: bool) -> None:
    """Invite households by SMS or e-mail; for who has neither, a letter is printed in the portal."""
    if (person_id is None) == (building_id is None):
        raise Invalid(N_("Give one person or one building."))
    actor = Actor.system("flask user invite")
    with transaction() as session:
        if person_id is not None:
            if not dry_run:
                invitations.invite(session, actor, person_id, now())
            found = [("", "", person_id)]
        else:
            found = [
                (house, way, person.id)
                for person, house, way in invitations.people_to_invite(session, actor, building_id or 0, now())
            ]
            for _, way, each in found:
                if way != "letter" and not dry_run:
                    invitations.invite(session, actor, each, now())
    for house, way, each in found:
        said = "would invite" if dry_run else "letter needed" if way == "letter" else "invited"
        click.echo(" ".join(str(part) for part in (said, each, house, way) if part))


@user_cli.command("password")
@click.argument("username")
@click.option("--password", prompt=True, hide_input=True, confirmation_prompt=True, help="Asked for when left out.")
@house_command
def password_command(username: str, password: str) -> None:
    """Set a first password: it must be changed at the next log-in, and every session has ended."""
    with transaction() as session:
        user = user_called(session, username)
        check_password(password, names_of(user))
        store_password(session, user, hash_password(password), given=True)
        unlock_name(session, user.username)
        note(session, user, AccessAction.PASSWORD_RESET, now(), by=Actor.system("flask user password"))
    click.echo(f"user {username}: first password set")


@user_cli.command("factor-off")
@click.argument("username")
@house_command
def factor_off_command(username: str) -> None:
    """Take the second factor off a login whose telephone and recovery codes are lost."""
    with transaction() as session:
        user = user_called(session, username)
        second_factor.switch_off(session, user.id)
        end_all_sessions(session, user.id)
        note(session, user, AccessAction.SECOND_FACTOR_OFF, now(), by=Actor.system("flask user factor-off"))
    click.echo(f"user {username}: second factor off")
