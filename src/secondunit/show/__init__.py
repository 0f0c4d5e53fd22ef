"""The show on disk, and the one place that joins rooms into jobs.

The names below are the Python interface; each loads its module when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from secondunit.show.approvals import approve, opt_in
    from secondunit.show.ask import Answer, would_say
    from secondunit.show.binder import write_show_binder
    from secondunit.show.check import verify_show
    from secondunit.show.clip import describe_clip, enhance
    from secondunit.show.clip_register import register_clip
    from secondunit.show.demo import make_demo
    from secondunit.show.history import record_work
    from secondunit.show.people import add_person, init_keys
    from secondunit.show.pipeline import TakeResult, finish, take
    from secondunit.show.record import record_of
    from secondunit.show.settings import Approver, ShowSettings
    from secondunit.show.shots import LayoutResult, init_shot, layout_shot
    from secondunit.show.store import Show, create_show, open_show
    from secondunit.show.use_brief import UseBrief

__all__ = [
    "Answer",
    "Approver",
    "LayoutResult",
    "Show",
    "ShowSettings",
    "TakeResult",
    "UseBrief",
    "add_person",
    "approve",
    "create_show",
    "describe_clip",
    "enhance",
    "finish",
    "init_keys",
    "init_shot",
    "layout_shot",
    "make_demo",
    "micro_options",
    "open_show",
    "opt_in",
    "record_of",
    "record_work",
    "register_clip",
    "take",
    "verify_show",
    "would_say",
    "write_show_binder",
]

_HOMES = {
    "Answer": "ask",
    "Approver": "settings",
    "LayoutResult": "shots",
    "Show": "store",
    "ShowSettings": "settings",
    "TakeResult": "pipeline",
    "UseBrief": "use_brief",
    "add_person": "people",
    "approve": "approvals",
    "create_show": "store",
    "describe_clip": "clip",
    "enhance": "clip",
    "finish": "pipeline",
    "init_keys": "people",
    "init_shot": "shots",
    "layout_shot": "shots",
    "make_demo": "demo",
    "micro_options": "options",
    "open_show": "store",
    "opt_in": "approvals",
    "record_of": "record",
    "record_work": "history",
    "register_clip": "clip_register",
    "take": "pipeline",
    "verify_show": "check",
    "would_say": "ask",
    "write_show_binder": "binder",
}


def __getattr__(name: str) -> Any:
    """Load a public name's module."""
    if name in _HOMES:
        return getattr(import_module(f"secondunit.show.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'secondunit.show' has no attribute {name!r}")
