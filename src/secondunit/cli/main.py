"""The command ``secondunit``. Commands load what they need when they run, so that help is quick."""

import io
import os
import signal
import sys
from types import FrameType
from typing import Annotated

import typer

from secondunit import __version__
from secondunit.cli import cache, clearance, demo, keys, new, prep, record, shot, verify
from secondunit.cli.console import STOPPED, complain, refuse

# Typer carries its own Click from 0.26 on and Click itself before: this is the base of usage errors in both.
UsageProblem: type[Exception] = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "ClickException")

app = typer.Typer(
    name="secondunit",
    help="From a photographed plate to a finished effects shot.",
    epilog=(
        "secondunit new SHOW · secondunit shot init SHOW SEQ_0010 --plate FILE · secondunit shot take SHOW SEQ_0010. "
        "Exit codes: 1 a fault of ours, 2 a brief or command to mend, 3 somebody must approve, 4 an engine failed, "
        "5 a wrong record, 130 stopped, 143 ended."
    ),
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
    rich_markup_mode=None,
)
new.add_to(app)
app.add_typer(prep.app, name="prep")
app.add_typer(shot.app, name="shot")
record.add_to(clearance.app)
app.add_typer(clearance.app, name="clearance")
cache.add_to(app)
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


class _Ended(BaseException):
    """A farm or the system asked the process to end. Typer takes KeyboardInterrupt for itself."""


def run(arguments: list[str] | None = None) -> int:
    """Run a command line; return its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in arguments
    try:
        code = int(app(arguments, standalone_mode=False) or 0)
        return _stopped(as_json=as_json) if code == STOPPED else code  # how newer Typer reports Ctrl-C
    except _Ended:
        return _stopped(STOPPED - signal.SIGINT + signal.SIGTERM, as_json=as_json)
    except (KeyboardInterrupt, typer.Abort):
        return _stopped(as_json=as_json)
    except UsageProblem as error:
        return _misused(error, as_json=as_json)
    except BrokenPipeError:
        # Whoever read us has gone (head, less); nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # ours or not, a person gets one line; what is unforeseen is kept in a log
        return refuse(error, as_json=as_json)


def _misused(error: Exception, *, as_json: bool) -> int:
    context = getattr(error, "ctx", None)
    message = error.format_message()  # type: ignore[attr-defined]
    if not message:  # a group without its command: the help was its answer
        return complain("a command is missing", fix="see --help", code=2, as_json=True) if as_json else 2
    fix = f"see '{context.command_path} --help'" if context else ""
    return complain(message, fix=fix, code=2, as_json=as_json)


def _stopped(code: int = STOPPED, *, as_json: bool) -> int:
    if as_json:
        return complain(
            "stopped: whole frames are kept", fix="run it again to resume", code=code, kind="Stopped", as_json=True
        )
    sys.stderr.write("stopped: whole frames are kept; run it again to resume\n")
    return code


def _end(signum: int, frame: FrameType | None) -> None:
    raise _Ended


def main() -> None:
    """Run the command line of this process."""
    for stream in (sys.stdout, sys.stderr):  # names of files may hold bytes that are no text
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    signal.signal(signal.SIGTERM, _end)
    sys.exit(run())
