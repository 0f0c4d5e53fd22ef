"""``secondunit prep``: from the pages to shot lists, boards, sets and previs."""

import typer

from secondunit.cli.prep import boards, previs, read, sets

app = typer.Typer(
    help="Prep: from the pages to a shot list, boards, sets and previs. The script is read, never written.",
    no_args_is_help=True,
)
read.add_to(app)
boards.add_to(app)
previs.add_to(app)
sets.add_to(app)
