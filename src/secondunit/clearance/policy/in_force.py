"""Which packs are in force: one of each family on a day, for the guilds and territories of a use."""

from collections.abc import Iterable
from datetime import date

from secondunit.clearance.policy.declaration import Declaration
from secondunit.clearance.policy.pack import Pack
from secondunit.core.errors import ClearanceError


def in_force(packs: Iterable[Pack], *, on: date) -> tuple[Pack, ...]:
    """Return the pack of each family that holds on a day, by id.

    The newest that has begun holds, beyond its end too until another follows, so that no family that has begun ever
    lapses. Of one pack in several revisions the highest counts.
    """
    families: dict[str, list[Pack]] = {}
    for pack in packs:
        families.setdefault(pack.family, []).append(pack)
    chosen = []
    for members in families.values():
        begun = [pack for pack in members if pack.effective_from <= on]
        if begun:
            chosen.append(max(begun, key=lambda p: (p.effective_from, p.revision, p.digest)))
    return tuple(sorted(chosen, key=lambda p: p.id))


def without(packs: Iterable[Pack], *, dropped: Iterable[str]) -> tuple[Pack, ...]:
    """Return the packs less the families or ids that a show drops.

    Raises
    ------
    ClearanceError
        One of them may not be dropped, or is unknown.
    """
    kept, names = tuple(packs), set(dropped)
    for pack in kept:
        if names & {pack.id, pack.family} and not pack.droppable:
            raise ClearanceError(
                f"pack {pack.id!r} cannot be dropped", fix="take it off the show's list of dropped packs"
            )
    unknown = names - {pack.id for pack in kept} - {pack.family for pack in kept}
    if unknown:
        raise ClearanceError(
            f"there is no pack {min(unknown)!r} to drop", fix=f"known: {', '.join(sorted(p.id for p in kept))}"
        )
    return tuple(pack for pack in kept if not names & {pack.id, pack.family})


def applies(pack: Pack, declaration: Declaration) -> bool:
    """Whether a pack speaks of a use; it does wherever guild or territory is not stated."""
    guild = not pack.guild or not declaration.guilds or pack.guild in declaration.guilds
    places = declaration.territories
    place = "*" in pack.jurisdictions or not places or "worldwide" in places or bool({*places} & {*pack.jurisdictions})
    return guild and place


def lapsed(pack: Pack, *, on: date) -> str:
    """Return a note where a pack is applied after its end, else nothing."""
    if pack.effective_to is not None and on > pack.effective_to:
        return f"{pack.title} ended {pack.effective_to} and is applied until another follows it"
    return ""
