"""The command ``secondunit``. Commands load what they need when they run, so that help is quick."""

import os
import sys
from typing import Annotated

import typer

from secondunit import __version__
from secondunit.cli import clearance, demo, keys, new, record, shot, verify
from secondunit.cli.console import STOPPED, refuse
from secondunit.core.errors import SecondUnitError

# Typer carries its own Click from 0.26 on and Click itself before: this is the base of usage errors in both.
UsageProblem: type[Exception] = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")

app = typer.Typer(
    name="secondunit",
    help="From a photographed plate to a finished effects shot.",
    epilog=(
        "secondunit new SHOW · secondunit shot init SHOW SEQ_0010 --plate FILE · secondunit shot take SHOW SEQ_0010. "
        "Exit codes: 2 a brief to mend, 3 somebody must approve, 4 an engine failed, 5 a wrong record, 130 stopped."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
    rich_markup_mode=None,
)
new.add_to(app)
app.add_typer(shot.app, name="shot")
record.add_to(clearance.app)
app.add_typer(clearance.app, name="clearance")
app.add_typer(keys.app, name="keys")
verify.add_to(app)
demo.add_to(app)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"secondunit {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """From a photographed plate to a finished effects shot."""


def run(arguments: list[str] | None = None) -> int:
    """Run a command line; return its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in arguments
    try:
        code = int(app(arguments, standalone_mode=False) or 0)
        return _stopped() if code == STOPPED else code  # how newer Typer reports Ctrl-C
    except SecondUnitError as error:
        return refuse(error, as_json=as_json)
    except (KeyboardInterrupt, typer.Abort):
        return _stopped()
    except UsageProblem as error:
        error.show()  # type: ignore[attr-defined]
        return 2
    except BrokenPipeError:
        # Whoever read us has gone (head, less); nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _stopped() -> int:
    sys.stderr.write("stopped: whole frames are kept; run it again to resume\n")
    return STOPPED


def main() -> None:
    """Run the command line of this process."""
    sys.exit(run())
