"""The set a previs plays in: the approved one as it was locked, else an option, else its kit as it begins."""

from dataclasses import dataclass
from functools import lru_cache

from secondunit.core.errors import BriefError
from secondunit.prep.previs.brief import SetRef
from secondunit.prep.previs.set_scene import SetScene, bare_scene, scene_of
from secondunit.prep.sets.brief import SetBrief
from secondunit.prep.sets.build import build_set
from secondunit.show.prep.set_approval import approved_brief, option_brief
from secondunit.show.prep.store import prep_of
from secondunit.show.store.show import Show


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFound:
    """A set's brief, and how far it is agreed."""

    brief: SetBrief | None
    """None is a bare floor."""
    approved: bool
    note: str = ""
    """What a person must know of it; empty for an approved set."""


def find_set(show: Show, said: SetRef, *, interior: bool = False) -> SetFound:
    """Return which set a previs plays in.

    Raises
    ------
    BriefError
        An option is named that is not there, or an approved set is no longer what was locked.
    """
    if not said.name:
        return SetFound(brief=None, approved=False, note="no set is named: a bare floor stands in")
    folder = prep_of(show).set(said.name)
    if (folder / "set.toml").is_file():
        locked = approved_brief(show, said.name)
        if locked is not None:
            return SetFound(brief=locked, approved=True)
        brief = option_brief(show, said.name, said.option)
        return SetFound(brief=brief, approved=False, note=f"set '{said.name}' is not approved yet")
    if said.option:
        raise BriefError(
            f"set '{said.name}' has no options yet",
            fix=f'make them: secondunit prep sets {show.typed} --set "{said.name}"',
        )
    if interior:
        return SetFound(brief=None, approved=False, note=f"no set '{said.name}' is built: a bare floor stands in")
    note = f"no set '{said.name}' is built: the avenue kit as it begins stands in"
    return SetFound(brief=SetBrief(name=said.name), approved=False, note=note)


@lru_cache(maxsize=2)
def built_scene(found: SetFound) -> SetScene:
    """Build what was found."""
    if found.brief is None:
        return bare_scene()
    return scene_of(build_set(found.brief), approved=found.approved)
