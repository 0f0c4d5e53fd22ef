"""The show on disk, and the one place that joins rooms into jobs.

The names below are the Python interface; each loads its module when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from secondunit.show.approvals import approve, record_of
    from secondunit.show.demo import make_demo
    from secondunit.show.pipeline import TakeResult, finish, take
    from secondunit.show.settings import Approver, ShowSettings, UseBrief
    from secondunit.show.shots import LayoutResult, init_shot, layout_shot
    from secondunit.show.store import Show, create_show, open_show

__all__ = [
    "Approver",
    "LayoutResult",
    "Show",
    "ShowSettings",
    "TakeResult",
    "UseBrief",
    "approve",
    "create_show",
    "finish",
    "init_shot",
    "layout_shot",
    "make_demo",
    "open_show",
    "record_of",
    "take",
]

_HOMES = {
    "Approver": "settings",
    "LayoutResult": "shots",
    "Show": "store",
    "ShowSettings": "settings",
    "TakeResult": "pipeline",
    "UseBrief": "settings",
    "approve": "approvals",
    "create_show": "store",
    "finish": "pipeline",
    "init_shot": "shots",
    "layout_shot": "shots",
    "make_demo": "demo",
    "open_show": "store",
    "record_of": "approvals",
    "take": "pipeline",
}


def __getattr__(name: str) -> Any:
    """Load a public name's module."""
    if name in _HOMES:
        return getattr(import_module(f"secondunit.show.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'secondunit.show' has no attribute {name!r}")
