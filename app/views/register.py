"""The one list of views: what is registered, under which menu, in which order."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _

from app.views import calls, catalogue, duty, estate, fees, people, reports, settings, tickets
from app.views.api import calls as calls_api
from app.views.api import duty as duty_api
from app.views.api import estate as estate_api
from app.views.api import money as money_api
from app.views.api import people as people_api
from app.views.api import reports as reports_api
from app.views.api import tickets as tickets_api
from app.views.base.arguments import install_arguments
from app.views.base.cells import install_filters
from app.views.base.headers import install_headers
from app.views.base.history import forget_page_history
from app.views.base.language import install_language
from app.views.base.refusals import install_refusals
from app.views.health import install_health
from app.views.look import install_look

forget_page_history()


@dataclass(frozen=True)
class Section:
    """A menu with its tables, in order."""

    name: str
    label: Any
    icon: str
    views: tuple[type[Any], ...]


MENU: tuple[Section, ...] = (
    Section(
        "Service",
        _("Service"),
        "fa-headphones",
        (
            tickets.TicketView,
            calls.CallView,
            tickets.ClockView,
            tickets.ReturnVisitView,
            duty.EscalationAttemptView,
            calls.MessageView,
        ),
    ),
    Section(
        "Estate",
        _("Estate"),
        "fa-building",
        (
            estate.CommunityView,
            estate.BuildingView,
            estate.UnitView,
            estate.HouseView,
            people.PersonView,
            people.TenureView,
            people.PhoneView,
        ),
    ),
    Section(
        "Money",
        _("Catalogue and fees"),
        "fa-yen",
        (
            catalogue.ServiceItemView,
            catalogue.ServicePriceView,
            fees.FeeItemView,
            fees.BillView,
        ),
    ),
    Section("Reports", _("Reports"), "fa-file-text", (reports.ReportView,)),
    Section(
        "Organisation",
        _("Organisation"),
        "fa-users",
        (duty.DutyShiftView, people.StaffView, people.StewardBuildingView, people.DepartmentView),
    ),
    Section(
        "Rules",
        _("Rules and figures"),
        "fa-sliders",
        (
            tickets.CategoryView,
            settings.ClockPolicyView,
            settings.SettingView,
            settings.HolidayView,
            estate.HotlineNumberView,
        ),
    ),
)

APIS: tuple[type[Any], ...] = (
    estate_api.CommunityApi,
    estate_api.BuildingApi,
    estate_api.HouseApi,
    people_api.PersonApi,
    people_api.TenureApi,
    tickets_api.TicketApi,
    tickets_api.ClockApi,
    tickets_api.ReturnVisitApi,
    tickets_api.CategoryApi,
    calls_api.CallApi,
    duty_api.DepartmentApi,
    duty_api.DutyShiftApi,
    duty_api.EscalationAttemptApi,
    duty_api.MessageApi,
    money_api.ServiceItemApi,
    money_api.FeeItemApi,
    money_api.BillApi,
    reports_api.ReportApi,
)

PAGES: tuple[str, ...] = (
    "report_files:ReportFiles",
    "report_pages:ReportPage",
    "ticket_page:TicketPage",
    "desk_page:DeskPage",
    "search_page:SearchPage",
    "owner_pages:OwnerPage",
    "import_page:ImportPage",
)
"""Plain pages without a menu entry here, as `module:Class` under `app.views` (or with a full module path)."""


def register_views(app: Flask, appbuilder: AppBuilder) -> None:
    """Hang every page and resource on the application. Touches no table: `sync_permissions` writes the permissions."""
    # Chinese readable as it is sent, and a third of the bytes.
    app.json.ensure_ascii = False
    install_arguments(app)
    install_headers(app)
    install_language(app)
    install_refusals(app)
    install_look(app)
    install_filters(app)
    install_health(app)
    for section in MENU:
        for view in section.views:
            _add_to_menu(appbuilder, section, view)
    for page in PAGES:
        appbuilder.add_view_no_menu(_page(page))
    for api in APIS:
        appbuilder.add_api(api)


def _add_to_menu(appbuilder: AppBuilder, section: Section, view: type[Any]) -> None:
    name = f"{view.__name__} menu"
    appbuilder.add_view(
        view,
        name,
        label=view.title,
        category=section.name,
        category_icon=section.icon,
        category_label=section.label,
    )
    grant = ("can_list", view.__name__)
    appbuilder.sm.menu_grants.setdefault(name, set()).add(grant)
    appbuilder.sm.menu_grants.setdefault(section.name, set()).add(grant)


def _page(path: str) -> type[Any]:
    module, _colon, name = path.partition(":")
    full = module if module.startswith("app.") else f"app.views.{module}"
    page: type[Any] = getattr(import_module(full), name)
    return page
