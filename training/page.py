"""The evaluation as a page for people: what passed, what did not, and pictures at 100 %."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.errors import BriefError
from secondunit.media.atomic import whole_file
from secondunit.media.contact_sheet import contact_sheet
from training.entrants import Stage
from training.held_out import BLOCKS, layers_of
from training.metrics import fine, luma, shown
from training.pictures import lit, screen

Codes = NDArray[np.uint8]
Sheet = dict[int, dict[str, list[tuple[str, Codes]]]]
"""By scene and block: crops with their captions."""

CROP = (160, 200)
"""Height and width of a crop."""
_QUALITY = 92
_WORDS = {
    "coarse": "coarse, bicubic",
    "procedural": "procedural",
    "regression": "regression",
    "embedded": "**embedded**",
    "blurred": "*truth, blurred 1.2 px*",
    "down_up": "*truth, a quarter, bicubic*",
    "noisy": "*truth and white noise*",
    "shuffled": "*truth, frames out of order*",
    "twin": "*twin: chaos ceiling*",
}


def picture_rows(stage: Stage) -> dict[str, list[tuple[str, Codes]]]:
    """Return a scene's crops by block: the input, the entrants and the truth, where there is most to see."""
    out = {}
    n = stage.middle
    for b, block in enumerate(BLOCKS):
        v, y, x = _where(stage, b)
        columns = [(name, stage.pictures[name][v, b, n]) for name in ("coarse", "procedural")]
        if stage.draws is not None:
            columns += [
                ("regression", stage.pictures["regression"][v, b, n]),
                ("embedded, seed A", stage.draws[v, b, 0]),
                ("embedded, seed B", stage.draws[v, b, 1]),
            ]
        columns.append(("truth", stage.truth[v, b, n]))
        out[block] = [
            (words, np.ascontiguousarray(screen(lit(layers_of(planes)))[y : y + CROP[0], x : x + CROP[1]]))
            for words, planes in columns
        ]
    return out


def write_page(path: Path, said: Mapping[str, Any], rows: Sheet, *, yardstick: Path | None = None) -> None:
    """Write the page and, beside it, a sheet of pictures for each block, and the yardstick's where there is one."""
    order = _worst_first(said)
    names: dict[str, str] = {}
    chosen = [order[0], order[len(order) // 2], order[-1]] if len(order) > 2 else order
    for block in BLOCKS:
        crops = [(f"{words}\nscene {seed}, {block}", crop) for seed in chosen for words, crop in rows[seed][block]]
        sheet = contact_sheet(
            [crop for _, crop in crops],
            columns=len(rows[chosen[0]][block]),
            labels=[words for words, _ in crops],
            cell_width=CROP[1],
        )
        names[block] = _write_jpeg(path.with_name(f"{path.stem}-{block}.jpg"), sheet)
    if yardstick is not None and yardstick.is_file():
        read = cv2.imread(str(yardstick), cv2.IMREAD_COLOR)
        if read is None:
            raise BriefError(f"{yardstick} is no picture", fix="make it again: python -m training.yardstick")
        picture = np.asarray(read[..., ::-1], dtype=np.uint8)
        names["yardstick"] = _write_jpeg(path.with_name(f"{path.stem}-yardstick.jpg"), picture)
    with whole_file(path) as part:
        part.write_text(text_of(said, names))


def _write_jpeg(path: Path, picture: Codes) -> str:
    done, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    if not done:
        raise BriefError(f"{path} cannot be written as JPEG", fix="make it again")
    with whole_file(path) as part:
        part.write_bytes(data.tobytes())
    return path.name


def text_of(said: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Return the page's Markdown."""
    parts = [
        _opening(said),
        _verdict(said),
        _summary(said),
        _pictures({b: names[b] for b in BLOCKS}),
        _scenes(said),
        _drawn(said),
    ]
    parts += [_controls(said), _yardstick(said, names.get("yardstick")), _small_print(said)]
    return "\n\n".join(p for p in parts if p) + "\n"


def _opening(said: Mapping[str, Any]) -> str:
    weights = said["weights"]
    return (
        "# How good the generator is\n\n"
        "Written by `make eval` (`training/evaluate.py`) from scenes that no network was trained on; the numbers for "
        "machines are beside it in JSON. "
        + (f"Weights `{weights[:16]}`, " if weights else "No weights: controls alone, ")
        + f"held-out set `{said['held_out'][:16]}`, {len(said['scenes'])} scenes of three blocks of consecutive frames "
        "and two cameras. A block's frames are beside each other as a take's are; its first and last have one beside "
        "them. Pictures are compared lit, over a plain sky, in display values."
    )


def _verdict(said: Mapping[str, Any]) -> str:
    lines = ["## Verdict", ""]
    for name, told in said["gates"].items():
        word = "passes all gates" if told["all"] else "does not pass"
        lines.append(f"- {_WORDS[name]}: {word} ({told['passed']} of {told['asked']}).")
    embedded = said["gates"].get("embedded")
    failed = [r for r in embedded["rulings"] if not r["passed"]] if embedded else []
    if failed:
        lines += ["", f"What the embedded generator fails, worst first ({len(failed)}):", ""]
        lines += ["| gate | scene | block | value | limits |", "|---|---|---|---|---|"]
        lines += [
            f"| {r['gate']} | {r['scene']} | {r['block'] or 'all'} | {r['value']:.3g} | {_limits(r)} |" for r in failed
        ]
    if len(said["gates"]) > 1:
        gates = list(dict.fromkeys(g for told in said["gates"].values() for g in told["by_gate"]))
        lines += [
            "",
            "Passed, of scenes and blocks asked:",
            "",
            "| gate | " + " | ".join(map(_word, said["gates"])) + " |",
        ]
        lines.append("|---|" + "---|" * len(said["gates"]))
        for gate in gates:
            cells = [told["by_gate"].get(gate) for told in said["gates"].values()]
            lines.append(f"| {gate} | " + " | ".join("—" if c is None else f"{c[0]} of {c[1]}" for c in cells) + " |")
    return "\n".join(lines)


_COLUMNS = (
    ("psnr_db", "PSNR dB", 1),
    ("ssim", "SSIM", 3),
    ("flip", "FLIP", 3),
    ("alpha_l1", "alpha L1", 4),
    ("log_spectrum_db", "log spectrum dB", 2),
    ("high_energy", "HF energy", 2),
    ("alpha_log_spectrum_db", "of alpha dB", 2),
    ("temporal", "temporal", 2),
    ("temporal_own", "own motion", 2),
    ("streaks", "streaks", 2),
    ("rim", "rim", 2),
    ("pinholes", "pinholes", 2),
    ("specks", "flecks", 1),
    ("grid", "grid", 2),
    ("silhouette", "silhouette", 2),
)


def _summary(said: Mapping[str, Any]) -> str:
    columns = [c for c in _COLUMNS if any(c[0] in s for s in said["summary"].values())]
    lines = [
        "## Means over scenes",
        "",
        "Under each mean its 95 % interval, by bootstrap over scenes. Controls in italics are made from the truth. All "
        "but PSNR, SSIM, FLIP, L1 and dB are quotients with the truth's own: 1 is the truth; pinholes and flecks are "
        "those more than the truth's in 10,000 pixels. Temporal is the detail that the fine dust's exact motion leaves "
        "unexplained; own motion, what the entrant's own input motion does.",
        "",
        "| | " + " | ".join(title for _, title, _ in columns) + " |",
        "|---|" + "---|" * len(columns),
    ]
    for name, summary in said["summary"].items():
        cells = []
        for metric, _, places in columns:
            s = summary.get(metric)
            cells.append(
                "—" if s is None or s["mean"] is None
                else f"{s['mean']:.{places}f}<br><sub>{s['low']:.{places}f}–{s['high']:.{places}f}</sub>"
            )  # fmt: skip
        lines.append(f"| {_word(name)} | " + " | ".join(cells) + " |")
    late = {n: s for n in said["gates"] if (s := _by_block(said, n, "high_energy"))}
    lines += ["", "High-frequency energy by time (over-texture late would rise above 1.25):", ""]
    lines += ["| | " + " | ".join(BLOCKS) + " |", "|---|---|---|---|"]
    for name, blocks in late.items():
        lines.append(f"| {_word(name)} | " + " | ".join(_cell(blocks.get(b), 2) for b in BLOCKS) + " |")
    return "\n".join(lines)


def _pictures(names: Mapping[str, str]) -> str:
    lines = ["## At 100 %", "", "One pixel is one pixel. Worst, middling and best scene of the embedded generator.", ""]
    lines += [f"![{block}]({name})\n" for block, name in names.items()]
    return "\n".join(lines).rstrip()


def _scenes(said: Mapping[str, Any]) -> str:
    if "embedded" not in said["gates"]:
        return ""
    lines = ["## Scene by scene, worst first", "", "The embedded generator; means over blocks.", ""]
    lines += ["| scene | gates | PSNR dB (regression) | alpha L1 | log spectrum dB | HF by block | temporal |"]
    lines.append("|---|---|---|---|---|---|---|")
    for seed in _worst_first(said):
        mine, base = (said["scenes"][str(seed)][n] for n in ("embedded", "regression"))
        ruled = [r for r in said["gates"]["embedded"]["rulings"] if r["scene"] == seed]
        note = ", coarse ran free" if seed in said["free_scenes"] else ""
        lines.append(
            f"| {seed}{note} | {sum(r['passed'] for r in ruled)} of {len(ruled)} "
            f"| {_cell(mine['psnr_db'], 1)} ({_cell(base['psnr_db'], 1)}) | {_cell(mine['alpha_l1'], 4)} "
            f"| {_cell(_mean(mine['log_spectrum_db']), 2)} "
            f"| {' / '.join(_cell(mine['high_energy'].get(b), 2) for b in BLOCKS)} | {_cell(mine['temporal'], 2)} |"
        )
    return "\n".join(lines)


def _drawn(said: Mapping[str, Any]) -> str:
    if not said["drawn"]:
        return ""
    lines = [
        "## Seeds: is the truth one of the draws?",
        "",
        f"{len(said['noise_seeds'])} seeds of each middle picture, painted by itself. Spread over skill is 1 where the "
        "truth might be a draw, less where the draws are too sure; *self* puts a draw in the truth's place, and must "
        "be 1. Ranks are shares of pixels by the truth's place among the draws: even where calibrated.",
        "",
        "| scene | luma | alpha | fine band | self | ranks | IoU seeds / truth | micro, 8x low band | they move |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for seed, d in said["drawn"].items():
        lines.append(
            f"| {seed} | {_cell(d['calibration_luma'], 2)} | {_cell(d['calibration_alpha'], 2)} "
            f"| {_cell(d['calibration_fine'], 2)} | {_cell(d['calibration_self'], 2)} "
            f"| {' '.join(f'{100 * r:.0f}' for r in d['ranks'])} % "
            f"| {_cell(d['overlap_seeds'], 3)} / {_cell(d['overlap_truth'], 3)} | {d['micro_low_band']:.1e} "
            f"| {_cell(d['micro_moves'], 2)} |"
        )
    return "\n".join(lines)


def _controls(said: Mapping[str, Any]) -> str:
    lines = ["## Do the metrics see?", "", "A metric that gets its controls wrong is dropped from the gates.", ""]
    if said["dropped"]:
        wrong = ", ".join(f"{metric} ({'; '.join(words)})" for metric, words in said["dropped"].items())
        lines += [f"**Dropped: {wrong}.**", ""]
    else:
        lines += ["None had to be dropped.", ""]
    lines += ["| metric | must see | of | right | |", "|---|---|---|---|---|"]
    for c in said["controls"]:
        word = {True: "sees", False: "**fails**", None: "not asked"}[c["passed"]]
        lines.append(f"| `{c['metric']}` | {c['says']} | {c['of']} | {c['right']} of {c['asked']} | {word} |")
    return "\n".join(lines)


def _yardstick(said: Mapping[str, Any], picture: str | None) -> str:
    yard = said["yardstick"]
    if not yard:
        return ""
    lines = [
        "## The yardstick: how true the truth is",
        "",
        "Training targets are lit by fourteen discrete ordinates. The same fine dust path-traced without bias "
        f"({yard['samples']} paths a pixel, {yard['width']} x {yard['height']}; means over {yard['block']} x "
        f"{yard['block']} pixels, noise of those {100 * yard['noise']:.1f} %) says how far that is from the truth.",
        "",
        "| scene | sun: target / truth | correlation | rms left after that gain | sky: target / truth | correlation "
        "| rms left | alpha, mean difference |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in yard["scenes"]:
        cells = [
            f"{row[k]['gain']:.2f} | {row[k]['correlation']:.3f} | {100 * row[k]['left']:.1f} %" for k in ("sun", "sky")
        ]
        lines.append(f"| {row['seed']} | {cells[0]} | {cells[1]} | {row['alpha']:.4f} |")
    if picture is not None:
        lines += ["", f"![target beside truth]({picture})"]
    return "\n".join(lines)


def _small_print(said: Mapping[str, Any]) -> str:
    same = (
        "the first-made pictures, bit for bit"
        if said["first_made_pictures"]
        else "pictures made anew, like the frozen ones"
    )
    free = ", ".join(map(str, said["free_scenes"]))
    return (
        "## Small print\n\n"
        f"Evaluated on {same}. Noise seeds were drawn from the frozen set's digest: "
        f"{', '.join(map(str, said['noise_seeds']))}. "
        + (
            f"In scene {free} the coarse solver ran free so long that truth and input are two clouds: spread over "
            "skill is not judged there, and motion by the input's own. "
            if free
            else ""
        )
        + "The truth is our own solver four times finer, lit as the yardstick says, not a photograph. Nobody has been "
        "asked yet which picture they prefer."
    )


def _where(stage: Stage, block: int) -> tuple[int, int, int]:
    """Return the view and corner of the crop with the most fine detail of the truth in it."""
    n, (high, wide) = stage.middle, CROP
    best = (-1.0, 0, 0, 0)
    for v in range(stage.truth.shape[0]):
        detail = np.abs(fine(luma(shown(layers_of(stage.truth[v, block, n])))))
        height, width = detail.shape
        total = cv2.integral(detail)
        for y in range(0, max(height - high, 0) + 1, 8):
            for x in range(0, max(width - wide, 0) + 1, 8):
                y1, x1 = min(y + high, height), min(x + wide, width)
                inside = float(total[y1, x1] - total[y, x1] - total[y1, x] + total[y, x])
                best = max(best, (inside, v, y, x))
    return best[1], best[2], best[3]


def _worst_first(said: Mapping[str, Any]) -> list[int]:
    name = "embedded" if "embedded" in said["gates"] else "procedural"
    ruled = said["gates"][name]["rulings"]
    seeds = [int(s) for s in said["scenes"]]
    share = {s: [r["passed"] for r in ruled if r["scene"] == s] for s in seeds}
    spectrum = {s: _mean(said["scenes"][str(s)][name]["log_spectrum_db"]) or 0.0 for s in seeds}
    return sorted(seeds, key=lambda s: (sum(share[s]) / max(len(share[s]), 1), -spectrum[s]))


def _by_block(said: Mapping[str, Any], name: str, metric: str) -> dict[str, float]:
    found: dict[str, list[float]] = {}
    for scene in said["scenes"].values():
        for block, value in scene[name][metric].items():
            found.setdefault(block, []).append(value)
    return {block: float(np.mean(values)) for block, values in found.items()}


def _mean(blocks: Mapping[str, float]) -> float | None:
    return float(np.mean(list(blocks.values()))) if blocks else None


def _word(name: str) -> str:
    return _WORDS.get(name, name)


def _cell(value: float | None, places: int) -> str:
    return "—" if value is None else f"{value:.{places}f}"


def _limits(ruling: Mapping[str, Any]) -> str:
    low, high = ruling["low"], ruling["high"]
    return f"≤ {high:g}" if low is None else f"≥ {low:g}" if high is None else f"{low:g} to {high:g}"
