"""The show on disk, and the one place that joins rooms into jobs.

The names below are the Python interface; each loads its module when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from secondunit.show.brief.settings import Approver, ShowSettings
    from secondunit.show.brief.use import UseBrief
    from secondunit.show.clearing.approvals import approve, opt_in
    from secondunit.show.clearing.ask import Answer, would_say
    from secondunit.show.clearing.history import record_work
    from secondunit.show.clearing.register import register_clip
    from secondunit.show.clip.enhance import describe_clip, enhance
    from secondunit.show.delivery.binder import write_show_binder
    from secondunit.show.delivery.check import verify_show
    from secondunit.show.demo import make_demo
    from secondunit.show.pipeline import TakeResult, finish, take
    from secondunit.show.record.ledger import record_of
    from secondunit.show.record.people import add_person, init_keys
    from secondunit.show.shot.layout import LayoutResult, init_shot, layout_shot
    from secondunit.show.store.show import Show, create_show, open_show

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
    "Answer": "clearing.ask",
    "Approver": "brief.settings",
    "LayoutResult": "shot.layout",
    "Show": "store.show",
    "ShowSettings": "brief.settings",
    "TakeResult": "pipeline",
    "UseBrief": "brief.use",
    "add_person": "record.people",
    "approve": "clearing.approvals",
    "create_show": "store.show",
    "describe_clip": "clip.enhance",
    "enhance": "clip.enhance",
    "finish": "pipeline",
    "init_keys": "record.people",
    "init_shot": "shot.layout",
    "layout_shot": "shot.layout",
    "make_demo": "demo",
    "micro_options": "options",
    "open_show": "store.show",
    "opt_in": "clearing.approvals",
    "record_of": "record.ledger",
    "record_work": "clearing.history",
    "register_clip": "clearing.register",
    "take": "pipeline",
    "verify_show": "delivery.check",
    "would_say": "clearing.ask",
    "write_show_binder": "delivery.binder",
}


def __getattr__(name: str) -> Any:
    """Load a public name's module."""
    if name in _HOMES:
        return getattr(import_module(f"secondunit.show.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'secondunit.show' has no attribute {name!r}")
