"""``secondunit verify``: a file or a folder, against whom it must be signed by."""

from pathlib import Path
from typing import Annotated

import typer

from secondunit.cli.console import answer
from secondunit.cli.new import JsonFlag


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("verify", help=_HELP)(verify)


_HELP = """Verify a file or a folder: every byte, who signed it, and that nothing is missing or extra.

Whoever signed it must be trusted: the show the files lie in, or --trust. Each bad file is named, and the frame and
the region of the picture where a value was changed. Exit status 5 where anything is wrong.

Examples:

  secondunit verify SHOW/shots/SEQ_0010/publish/v001

  secondunit verify delivery/ --trust ca.pem --json
"""


def verify(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file or a folder.", show_default=False)],
    trust: Annotated[
        list[Path] | None, typer.Option(help="CA certificate (PEM) that must have signed; may be given again.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Verify a file or a folder."""
    from secondunit.show.delivery.check import verify_anywhere

    found, anchors = verify_anywhere(path, trust=tuple(trust or ()))
    lines = [f"{'wrong' if f.level == 'bad' else 'note'}: {f}" for f in found.findings]
    state = "as signed" if found.ok else "NOT as signed"
    frames = f", {found.frames} frames" if found.frames else ""
    lines.append(
        f"{found.files} files{frames} in {found.seconds:.2f} s: {state} (trusting {', '.join(map(str, anchors))})"
    )
    value = {
        "ok": found.ok,
        "files": found.files,
        "frames": found.frames,
        "root": found.root,
        "seconds": round(found.seconds, 3),
        "findings": [
            {
                "file": str(f.path),
                "kind": f.kind,
                "level": f.level,
                "message": f.message,
                "frame": f.frame,
                "region": list(f.region) if f.region else None,
                "fix": f.fix,
            }
            for f in found.findings
        ],
    }
    answer(value, as_json=as_json, text="\n".join(lines))
    if not found.ok:
        raise typer.Exit(5)
