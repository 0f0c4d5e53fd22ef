"""``secondunit cache``: what the stages keep, and how much room it takes."""

from typing import Annotated

import typer

from secondunit.cli.console import answer
from secondunit.cli.new import JsonFlag, ShowArgument, typed


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("cache", help=_HELP)(cache)


_HELP = """List what the show's cache holds, by stage; throw it away with --clear or --clear-unused.

Takes and finals are never touched; what is needed again is simulated again, to the same bits. Pictures of a clip model
(stage clip) are drawn again by that model alone: a take that it drew is finished from them.

Examples:

  secondunit cache SHOW

  secondunit cache SHOW --clear-unused
"""


def cache(
    show: ShowArgument,
    clear: Annotated[bool, typer.Option("--clear", help="Throw all of it away.")] = False,
    clear_unused: Annotated[
        bool, typer.Option("--clear-unused", help="Throw away what no whole take was made from.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """List or clear the cache."""
    from secondunit.core.recipe import canonical
    from secondunit.show.store.cache_contents import cache_contents, clear_cache
    from secondunit.show.store.show import open_show

    opened = open_show(show)
    freed = clear_cache(opened, unused_only=not clear) if clear or clear_unused else 0
    stages = cache_contents(opened)
    lines = [f"{'stage':<10}{'recipes':>8}{'unused':>8}{'files':>8}{'MB':>10}"] if stages else []
    for held in stages:
        lines.append(f"{held.stage:<10}{held.recipes:>8}{held.unused:>8}{held.files:>8}{held.size / 1e6:>10.1f}")
    size, unused = sum(held.size for held in stages), sum(held.size_unused for held in stages)
    lines.append(f"{opened.cache}: {size / 1e6:.1f} MB, {unused / 1e6:.1f} MB of it unused by any take")
    if clear or clear_unused:
        lines.append(f"freed {freed / 1e6:.1f} MB")
    elif unused:
        lines.append(f"to free that: secondunit cache {typed(show)} --clear-unused")
    value = {"cache": str(opened.cache), "bytes": size, "freed": freed, "stages": canonical(stages)}
    answer(value, as_json=as_json, text="\n".join(lines))
