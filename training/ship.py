"""Put a run's weights into the package, with the card that says what they are.

``python -m training.ship RUN DATA...`` exports the averaged weights, writes ``weights.json`` and ``docs/model-card.md``
and pins the digest in ``generate/shipped.py``. With ``--evaluation FILE`` the card carries what was measured; with
``--began CARD`` what the weights learned that the run began from (``training.train --begin``).
"""

import argparse
import json
import platform
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from secondunit.generate import shipped
from secondunit.generate.session import WEIGHTS, weights_digest
from training.data import scripts_digest
from training.export import export

ROOT = Path(__file__).parents[1]
CARD = ROOT / "docs" / "model-card.md"

PURPOSE = (
    "Turns the coarse, cheap dust of a collapse into dust that looks like a far finer simulation: control buffers of "
    "one frame in, relightable layers (alpha, sun and sky in-scatter) at twice their size out."
)
ARCHITECTURE = (
    "Image-space U-Net of convolutions alone. A trunk that sees no noise paints the likely picture; a broad decoder "
    "adds billows from the two coarse octaves of noise that the dust carries; a fine decoder adds structure from all "
    "four, of which only what lies above some eight pixels is kept (I - Up8 Down8, inside the network). No recurrence: "
    "the network sees one frame; what it says is averaged with what it says of the frames before and after, brought "
    "along the dust's motion (docs/decisions/0019-detail-held-steady.md)."
)
NOT_FOR = (
    "Faces, voices, characters, text; smoke of fires, water, fog that no collapse made; cells seen wider "
    "or smaller than it was trained on; anything presented as a real event."
)
LIMITS = (
    "Trained where a coarse cell covers 1.6 to 7 buffer pixels, on buildings of two to five storeys whose coarse cell "
    "is as wide as in a shot; larger clouds are seen piecewise.",
    "Cells of more than some three buffer pixels leave a smooth skin: a shot opens them with carved noise first, and "
    "what is wider than a cell there is carved, not learned (docs/decisions/0014-passes.md).",
    "The finest structure is that of a simulation four times finer than the coarse one: at 1080p and above a picture "
    "is as sharp as that simulation would be, no sharper.",
    "Its targets are lit by fourteen discrete ordinates, not by path tracing: the yardstick says how far that is.",
    "Where dust passes a surface's edge the picture is rebuilt from its half-size average.",
    "It decides some billows anew each frame. The mean with the frames beside hides that along the coarse dust's own "
    "motion; along a fine simulation's, which goes other ways, detail still changes half as fast again as the truth's.",
    "Structure lives as long as the dust's texture coordinates (15 frames, three phases): slow dust late in a shot "
    "changes its detail a little faster than a fine simulation would.",
)


def ship(
    run: Path,
    data: Sequence[Path],
    *,
    machine: str,
    evaluation: Path | None = None,
    before: str = "",
    began: Path | None = None,
    weights: Path = WEIGHTS,
    card_page: Path = CARD,
    pin: Path | None = Path(shipped.__file__),
) -> dict[str, Any]:
    """Export, write the card, pin the digest; return the card.

    Parameters
    ----------
    run
        Folder of the checkpoint, log and schedule.
    data
        Folders whose manifests name all that the weights were trained on, by this run and any before it.
    machine
        What it was trained on, in words.
    began
        The ``weights.json`` of the weights that the run began from.
    weights, card_page, pin
        Where they go: the package's own, unless said otherwise; ``pin`` is the module that names the shipped digest.

    Raises
    ------
    ValueError
        The run began from other weights than those, or from some and nothing is said of them.
    """
    first = _began(run, began)
    said = export(run, weights)
    manifests = [json.loads((folder / "manifest.json").read_text(encoding="utf-8")) for folder in data]
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text(encoding="utf-8").splitlines()]
    scenes = [scene for manifest in manifests for scene in manifest["scenes"]]
    known = first.get("data", {"seeds": [], "pairs": 0, "cpu_seconds": 0, "sets": []})
    fresh = [scene for scene in scenes if scene["seed"] not in known["seeds"]]
    seeds = sorted({scene["seed"] for scene in scenes} | set(known["seeds"]))
    card = {
        **said,
        "digest": weights_digest(weights),
        "purpose": PURPOSE,
        "architecture": ARCHITECTURE,
        "not_for": NOT_FOR,
        "limits": list(LIMITS),
        "licence": "Apache-2.0",
        "data": {
            "statement": "Simulations of our own alone, made by training/data.py from numbered seeds. No photograph, "
            "no film, no scraped picture, no other model's output.",
            "scenes": len(seeds),
            "pairs": known["pairs"] + sum(scene["pairs"] for scene in fresh),
            "seeds": seeds,
            "cpu_seconds": known["cpu_seconds"] + round(sum(scene["cpu_seconds"] for scene in fresh)),
            "size": manifests[0]["size"],
            "sets": [
                *known["sets"],
                *(
                    {
                        "scripts_sha256": manifest["scripts_sha256"],
                        "machine": manifest["machine"],
                        "files": {
                            name: digest for scene in manifest["scenes"] for name, digest in scene["files"].items()
                        },
                    }
                    for manifest in manifests
                ),
            ],
        },
        "training": {
            "machine": machine,
            "seconds": said["training_seconds"],
            "steps": said["steps"],
            "schedule": json.loads((run / "schedule.json").read_text(encoding="utf-8"))
            if (run / "schedule.json").is_file()
            else {},
            "before": before,
            "began": {key: first[key] for key in ("digest", "steps", "training_seconds", "training")} if first else {},
            "pairs_by_step": [[line["step"], line["pairs"]] for line in lines if "pairs" in line],
            "last_losses": next((line["losses"] for line in reversed(lines) if "losses" in line), []),
        },
        "evaluation": _summary(evaluation) if evaluation else {},
    }
    (weights / "weights.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    card_page.write_text(page(card), encoding="utf-8")
    if pin is not None:
        text = pin.read_text(encoding="utf-8")
        pin.write_text(re.sub(r'^SHIPPED = ".*"', f'SHIPPED = "{card["digest"]}"', text, flags=re.M), encoding="utf-8")
    return card


def page(card: dict[str, Any]) -> str:
    """Return the card as a page for people."""
    data, trained = card["data"], card["training"]
    hours = trained["seconds"] / 3600
    files = "\n".join(f"| `{name}` | `{digest}` |" for name, digest in sorted(card["files"].items()))
    limits = "\n".join(f"- {limit}" for limit in card["limits"])
    size = data["size"]
    seeds = ", ".join(map(str, data["seeds"]))
    return f"""# Model card: the embedded generator

Written by `training/ship.py`; the same for machines lies beside the weights,
`src/secondunit/generate/weights/weights.json`.

**Purpose.** {card["purpose"]}

**Not for.** {card["not_for"]}

**Architecture.** {card["architecture"]} {card["parameters"]:,} parameters, ONNX, float32; ONNX Runtime is within
{card["torch_difference"]:.0e} of the network as trained.

**Licence.** {card["licence"]}, weights and code.

## What it was trained on

{data["statement"]}

| | |
|---|---|
| scenes | {data["scenes"]}, seeds {seeds} |
| pairs of pictures | {data["pairs"]:,}: buffers {size["width"]} x {size["height"]}, targets twice that |
| a scene | a building brought down by the product's own fracture, rigid bodies and dust, {size["frames"]} frames, \
on a fine grid and on one four times coarser beside it |
| made in | {data["cpu_seconds"] / 3600:.1f} CPU-hours |
| scripts | `training/`, SHA-256 {", ".join(f"`{one['scripts_sha256'][:16]}…`" for one in data["sets"])} |

{_again(card)}

## How it was trained

{trained["steps"]:,} steps, {hours:.1f} hours on {trained["machine"]}: the likely picture by regression, the decoders by
the energy score of two draws, a proper scoring rule{_moving(card)}.
{_history(card)}`make train` trains from nothing, in one run.

## What was measured

{_measured(card)}

## In a shot

The demo's shot with the procedural generator and with this one, all else equal; crops at 100 %, procedural left.

![The demo's shot, procedural above, embedded below](generator-demo.jpg)

![Crops at 100 %](generator-demo-crops.jpg)

## Limits

{limits}

## Files

| file | SHA-256 |
|---|---|
{files}

Named in every recipe by the digest over both: `{card["digest"]}`.
"""


def _began(run: Path, card: Path | None) -> dict[str, Any]:
    """Return the card of the weights that a run began from, nothing where it began from nothing."""
    schedule = run / "schedule.json"
    wanted = json.loads(schedule.read_text(encoding="utf-8")).get("begin_sha256") if schedule.is_file() else None
    said: dict[str, Any] = json.loads(card.read_text(encoding="utf-8")) if card is not None else {}
    if wanted != said.get("files"):
        raise ValueError(f"the run began from {wanted}, and the card is of {said.get('files')}: name the right --began")
    return said


def _summary(path: Path) -> dict[str, Any]:
    """Return of an evaluation what a card carries: means over scenes, and how many gates each entrant passed."""
    found = json.loads(path.read_text(encoding="utf-8"))
    gates = {who: [said["passed"], said["asked"]] for who, said in found["gates"].items()}
    kept = ("held_out", "weights", "noise_seeds", "dropped")
    means = {who: found["summary"][who] for who in ("coarse", "procedural", "regression", "embedded")}
    return {key: found[key] for key in kept} | {"gates_passed": gates, "means": means}


def _again(card: dict[str, Any]) -> str:
    mine = scripts_digest()
    if all(one["scripts_sha256"] == mine for one in card["data"]["sets"]):
        return "`python -m training.data OUT` makes it again; each scene's parameters and digest are in its manifest."
    return (
        "The scripts have changed since; those of that digest are in this repository's history. `python -m\n"
        "training.data OUT` makes the same scenes from the same seeds; each one's digests are in `weights.json`."
    )


def _moving(card: dict[str, Any]) -> str:
    share = card["training"]["schedule"].get("moving_share", 0.0)
    return ", of frames and of what changes from one to the next" if share else ""


def _history(card: dict[str, Any]) -> str:
    """Return what a run owes to those before it, back to the one that began from nothing."""
    said, trained = [], card["training"]
    while began := trained.get("began"):
        minutes = began["training_seconds"] / 60
        said.append(
            f"{'These' if said else 'It'} began from weights `{began['digest'][:16]}…`, which are in the history of "
            f"`src/secondunit/generate/weights/`:\n{began['steps']:,} steps, {minutes:.1f} minutes on "
            f"{began['training']['machine']}."
        )
        said += [trained["before"]] if trained["before"] else []
        trained = began["training"]
    said += [trained["before"]] if not said and trained["before"] else []
    return "\n".join([*said, ""]) if said else ""


def _measured(card: dict[str, Any]) -> str:
    if not card["evaluation"]:
        return "Not yet."
    passed = "\n".join(f"| {who} | {of[0]} of {of[1]} |" for who, of in card["evaluation"]["gates_passed"].items())
    return (
        "Against scenes held out, frozen by digest; [generator-evaluation.md](generator-evaluation.md), produced by\n"
        "`make eval`, has every gate, scene by scene, and the pictures.\n\n"
        f"| who | gates passed |\n|---|---|\n{passed}"
    )


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("data", type=Path, nargs="+")
    parser.add_argument("--machine", default=f"{platform.machine()}, CPU", help="what it was trained on, in words")
    parser.add_argument("--evaluation", type=Path)
    parser.add_argument("--before", default="", help="what a run that began from another owes to it, in a sentence")
    parser.add_argument("--began", type=Path, help="weights.json of the weights that the run began from")
    given = parser.parse_args()
    card = ship(
        given.run, given.data, machine=given.machine, evaluation=given.evaluation, before=given.before,
        began=given.began,
    )  # fmt: skip
    print(f"{card['digest']}, {card['steps']} steps, within {card['torch_difference']:.0e} of torch")


if __name__ == "__main__":
    main()
