"""Train the network: first what is likely, then what may be. Goes on from its checkpoint.

``python -m training.train DATA OUT``. The two stages are counted in steps; a step's crops depend on its number alone,
so that a run in parts is the run in one piece.
"""

import argparse
import copy
import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch.nn import functional

from secondunit.generate.packing import BRIGHTER, DARKER
from training.crops import Crops
from training.loss import energy_score, regression
from training.model import Network, compose, parameters_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How long, how fast."""

    regression_steps: int = 3000
    score_steps: int = 6000
    batch: int = 6
    side: int = 64
    """Of a crop, in buffer pixels."""
    regression_rate: float = 1e-3
    score_rate: float = 4e-4
    mean_share: float = 0.1
    """Weight of the draws' mean's L1 beside the energy score."""
    seed: int = 1
    average: float = 0.998
    """Share of the running average of weights that a step keeps."""


def train(
    data: Path,
    out: Path,
    *,
    schedule: Schedule,
    minutes: float | None = None,
    device: str = "cpu",
    begin: Path | None = None,
) -> Network:
    """Train, or go on; return the averaged network as it is when the steps or the minutes are over.

    Parameters
    ----------
    begin
        A checkpoint to begin from, where ``out`` has none of its own: all but the last layers, which begin untrained
        as does what it lacks. Steps are counted anew, seconds are not.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(schedule.seed)
    network = Network().to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=1e-4)
    step, seconds = 0, 0.0
    checkpoint = out / "checkpoint.pt"
    if not checkpoint.is_file() and begin is not None:
        kept = torch.load(begin, map_location=device, weights_only=True)
        for mine in (network, average):
            mine.load_state_dict({k: v for k, v in kept["average"].items() if ".leave." not in k}, strict=False)
        seconds = kept["seconds"]
    if checkpoint.is_file():
        kept = torch.load(checkpoint, map_location=device, weights_only=True)
        network.load_state_dict(kept["network"])
        average.load_state_dict(kept["average"])
        optimiser.load_state_dict(kept["optimiser"])
        step, seconds = kept["step"], kept["seconds"]
    crops = Crops(sorted(data.glob("scene_*.npz")))
    print(f"{parameters_of(network)} parameters, from step {step}", flush=True)
    began, spent, log = time.perf_counter(), seconds, out / "log.jsonl"
    total = schedule.regression_steps + schedule.score_steps
    said: list[list[float]] = []
    loaded, files = time.perf_counter(), len(crops.files)
    _say(log, {"step": step, "scenes": files, "pairs": crops.pairs})
    while step < total:
        if minutes is not None and time.perf_counter() - began > 60 * minutes:
            break
        if time.perf_counter() - loaded > 240:  # scenes may still be coming in
            loaded = time.perf_counter()
            found = sorted(data.glob("scene_*.npz"))
            if len(found) != files:
                crops, files = Crops(found), len(found)
                _say(log, {"step": step, "scenes": files, "pairs": crops.pairs})
        said.append(_step(network, average, optimiser, crops, schedule, step, device))
        step += 1
        if step % 50 == 0:
            spent = seconds + time.perf_counter() - began
            mean = [round(sum(v) / len(v), 5) for v in zip(*said, strict=True)]
            _say(log, {"step": step, "seconds": round(spent, 1), "losses": mean})
            said = []
        if step % 200 == 0:
            _save(checkpoint, network, average, optimiser, step, spent)
    _save(checkpoint, network, average, optimiser, step, seconds + time.perf_counter() - began)
    (out / "schedule.json").write_text(json.dumps(asdict(schedule), indent=1) + "\n")
    return average


def _step(
    network: Network,
    average: Network,
    optimiser: torch.optim.Optimizer,
    crops: Crops,
    schedule: Schedule,
    step: int,
    device: str,
) -> list[float]:
    batch = crops.batch(step, seed=schedule.seed, count=schedule.batch, side=schedule.side)
    state, wanted, weight = (t.to(device) for t in (batch.state, batch.wanted, batch.weight))
    state = state.contiguous(memory_format=torch.channels_last)
    scoring = step >= schedule.regression_steps
    _pace(optimiser, schedule, step)
    with torch.autocast(device, dtype=torch.bfloat16, enabled=HALF):
        base, likely_said, x0, x1 = network.trunk(state)
        if scoring:
            count = len(state)
            noise = torch.cat([z.to(device) for z in batch.noises]).contiguous(memory_format=torch.channels_last)
            x0, x1 = (torch.cat((t, t)) for t in (x0, x1))
            detail = (network.broad(x1, noise) + network.decoder(x0, x1, noise)).float()
    base, likely_said = base.float(), likely_said.float()
    if scoring:
        one, two = (compose(base, likely_said.detach() + part) for part in (detail[:count], detail[count:]))
    loss = likely = regression(compose(base, likely_said), wanted, weight)
    score = spread = torch.zeros(())
    if scoring:
        score = energy_score(one, two, wanted, weight)
        mean = ((0.5 * (one + two) - wanted) * weight).abs().mean()
        spread = (one - two).detach().abs().mean()
        loss = 0.5 * likely + score + schedule.mean_share * mean + PLATEAU * _past(likely_said, detail)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimiser.step()
    keep = min(schedule.average, (step + 1) / (step + 10))
    with torch.no_grad():
        for mine, theirs in zip(average.parameters(), network.parameters(), strict=True):
            mine.lerp_(theirs, 1.0 - keep)
    return [float(likely.detach()), float(score.detach()), float(spread)]


def _past(likely: torch.Tensor, detail: torch.Tensor) -> torch.Tensor:
    """Return how far what is said of brightness lies beyond what is heeded: there it would paint plateaus."""
    said = torch.cat((likely, likely)).detach()[:, 1:] + detail[:, 1:]
    return (functional.relu(said - BRIGHTER) + functional.relu(-said - DARKER)).mean()


def _say(log: Path, line: dict[str, object]) -> None:
    text = json.dumps(line)
    with log.open("a") as stream:
        stream.write(text + "\n")
    print(text, flush=True)


PLATEAU = 0.3
"""Weight of ``_past``."""
HALF = os.environ.get("TRAIN_BF16", "1") == "1"


def _pace(optimiser: torch.optim.Optimizer, schedule: Schedule, step: int) -> None:
    """Set the rate: a short run-up, then down along a cosine, in each stage."""
    first = schedule.regression_steps
    done, length, rate = (
        (step, first, schedule.regression_rate)
        if step < first
        else (step - first, schedule.score_steps, schedule.score_rate)
    )
    share = done / max(length, 1)
    fall = 0.03 + 0.97 * 0.5 * (1.0 + float(torch.cos(torch.tensor(3.14159265 * share))))
    for group in optimiser.param_groups:
        group["lr"] = rate * min(1.0, (done + 1) / 100) * fall


def _save(
    path: Path, network: Network, average: Network, optimiser: torch.optim.Optimizer, step: int, seconds: float
) -> None:
    part = path.with_suffix(".part")
    torch.save(
        {
            "network": network.state_dict(),
            "average": average.state_dict(),
            "optimiser": optimiser.state_dict(),
            "step": step,
            "seconds": seconds,
        },
        part,
    )
    part.replace(path)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--begin", type=Path, help="a checkpoint of another run to begin from")
    parser.add_argument("--minutes", type=float, help="stop after so long; run again to go on")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    for name, value in asdict(Schedule()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    given = vars(parser.parse_args())
    torch.set_num_threads(given["threads"])
    schedule = Schedule(**{name: given[name] for name in asdict(Schedule())})
    train(
        given["data"], given["out"], schedule=schedule, minutes=given["minutes"], device=given["device"],
        begin=given["begin"],
    )  # fmt: skip


if __name__ == "__main__":
    main()
