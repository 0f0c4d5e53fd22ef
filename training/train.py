"""Train the network: first what is likely, then what may be. Goes on from its checkpoint.

``python -m training.train DATA OUT``. The two stages are counted in steps, or with ``--stages`` in minutes where a
machine is lent by the minute (``training.lease``). A step's crops depend on its number alone, so that a run in parts
is the run in one piece. ``--begin WEIGHTS`` starts from exported weights instead of from nothing.
"""

import argparse
import copy
import json
import math
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from secondunit.generate.packing import BRIGHTER, DARKER, FAINT
from secondunit.media.atomic import whole_file
from secondunit.media.digest import file_digest
from training.crops import Batch, Crops
from training.export import EXPORTED, load_exported
from training.loss import energy_score, moved, regression
from training.model import Network, compose, keep_low, parameters_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How long, how fast."""

    regression_steps: int = 2500
    score_steps: int = 2800
    batch: int = 3
    """Pairs of consecutive frames in a step."""
    side: int = 64
    """Of a crop, in buffer pixels."""
    regression_rate: float = 1e-3
    score_rate: float = 5e-4
    mean_share: float = 0.1
    """Weight of the draws' mean's L1 beside the energy score."""
    moving_share: float = 1.0
    """Weight of the energy score of what changes from one frame to the next, as the fine dust moves."""
    seed: int = 1
    average: float = 0.998
    """Share of the running average of weights that a step keeps."""


OUTSIZE = 4.0
"""A step whose gradient is so many times as long as usual is not taken: one bad crop would undo hours."""
KNOWN = 30
"""Steps of a stage after which its usual gradient is known."""
SAVE = 60.0
"""Seconds of training between checkpoints."""
PLATEAU = 0.3
"""Weight of ``_past``."""
RUN_UP = 0.03
"""Share of a stage in which the rate rises."""
HALF = os.environ.get("TRAIN_BF16")
"""``0`` or ``1``: whether the network is computed in half precision. Else it is where the device can (``has_half``)."""
LOOK = 15.0
"""Seconds between looks for files that have come in."""


def train(
    data: Path,
    out: Path,
    *,
    schedule: Schedule,
    minutes: float | None = None,
    stages: tuple[float, float] | None = None,
    device: str = "cpu",
    wait: int = 1,
    compiled: bool = False,
    begin: Path | None = None,
) -> Network:
    """Train, or go on; return the averaged network as it is when the steps or the minutes are over.

    Parameters
    ----------
    minutes
        Stop after so long; called again, it goes on.
    stages
        Minutes of both stages, whatever their steps: the rates fall by the clock.
    wait
        Files that must be there before the first step: others may still be making them.
    compiled
        Compile the network for the device, on made-up crops while files come in.
    begin
        Folder of exported weights to start from where there is no checkpoint (``training.export.load_exported``).
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(schedule.seed)
    network = Network()
    if begin is not None:
        load_exported(network, begin)
    network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(network)
    optimiser = torch.optim.AdamW(
        network.parameters(), lr=1e-3, betas=(0.9, 0.99), weight_decay=1e-4, fused=device != "cpu"
    )
    step, seconds, usual = 0, 0.0, Usual()
    checkpoint = out / "checkpoint.pt"
    if checkpoint.is_file():
        kept = torch.load(checkpoint, map_location=device, weights_only=True)
        network.load_state_dict(kept["network"])
        average.load_state_dict(kept["average"])
        optimiser.load_state_dict(kept["optimiser"])
        step, seconds, usual = kept["step"], kept["seconds"], Usual(**kept["usual"])
    parts = _Parts.of(network, half=has_half(device) if HALF is None else HALF == "1", compiled=compiled)
    if compiled:
        parts.warm(schedule, device)
    _await(data, wait)
    crops = Crops(_files(data), device=device)
    precision = "bfloat16" if parts.half else "float32"
    print(f"{parameters_of(network)} parameters in {precision}, from step {step}", flush=True)
    log, said = out / "log.jsonl", []
    _say(log, {"step": step, "files": len(crops.files), "pairs": crops.pairs})
    began = looked = time.perf_counter()
    spent, saved = seconds, seconds
    pace = _Pace(schedule=schedule, stages=stages)
    while not pace.over(step, spent):
        now = time.perf_counter()
        spent = seconds + now - began
        if minutes is not None and now - began > 60 * minutes:
            break
        if now - looked > LOOK:
            looked = now
            if crops.take_in(_files(data)):
                _say(log, {"step": step, "files": len(crops.files), "pairs": crops.pairs})
        scoring = pace.scoring(step, spent)
        rate = pace.rate(step, spent)
        for group in optimiser.param_groups:
            group["lr"] = rate
        batch = crops.batch(step, seed=schedule.seed, count=schedule.batch, side=schedule.side)
        said.append(_step(parts, average, optimiser, batch, schedule, step, device, usual, scoring=scoring))
        step += 1
        if step % 50 == 0:
            mean = [round(float(v), 5) for v in torch.stack(said).mean(0)]
            paced = {"step": step, "seconds": round(spent, 1), "rate": float(f"{rate:.2e}")}
            _say(
                log, paced | {"losses": mean, "gradient": round(float(usual.length), 4), "dropped": int(usual.dropped)}
            )
            said = []
        if spent - saved > SAVE:
            saved = spent
            _save(checkpoint, network, average, optimiser, step, spent, usual)
    _save(checkpoint, network, average, optimiser, step, seconds + time.perf_counter() - began, usual)
    whole = asdict(schedule) | ({"stages_minutes": list(stages)} if stages else {})
    if begin is not None:
        whole["begin_sha256"] = {name: file_digest(begin / name) for name in EXPORTED}
    (out / "schedule.json").write_text(json.dumps(whole, indent=1) + "\n")
    return average


def has_half(device: str) -> bool:
    """Return whether a device has bfloat16 arithmetic: a processor without it takes seven times float32's time."""
    if device != "cpu":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def _files(data: Path) -> list[Path]:
    return sorted(data.glob("scene_*.npz"))


def _await(data: Path, count: int) -> None:
    while len(_files(data)) < count:
        time.sleep(1.0)


@dataclass(slots=True, kw_only=True)
class Usual:
    """How long gradients usually are in this stage, and how many steps were too far from that to be taken."""

    scoring: bool = False
    length: float = 0.0
    steps: int = 0
    dropped: int = 0

    def takes(self, length: float, *, scoring: bool) -> bool:
        """Say whether a step with such a gradient is taken, and remember its length."""
        if scoring != self.scoring:
            self.scoring, self.length, self.steps = scoring, 0.0, 0
        known = self.steps >= KNOWN
        if not math.isfinite(length) or (known and length > OUTSIZE * self.length):
            self.dropped += 1
            if math.isfinite(length):
                self.length *= 1.02  # what stays outsize for long is the new usual
            return False
        self.steps += 1
        share = max(0.02, 1.0 / self.steps)
        self.length += share * (length - self.length)
        return True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Parts:
    """The network's parts as they are called: compiled, or as they are."""

    network: Network
    trunk: nn.Module
    broad: nn.Module
    decoder: nn.Module
    half: bool
    """Whether they are computed in bfloat16."""

    @classmethod
    def of(cls, network: Network, *, half: bool, compiled: bool) -> "_Parts":
        parts = (network.trunk, network.broad, network.decoder)
        called = [torch.compile(p, dynamic=False) if compiled else p for p in parts]
        trunk, broad, decoder = called
        return cls(network=network, trunk=trunk, broad=broad, decoder=decoder, half=half)  # type: ignore[arg-type]

    def warm(self, schedule: Schedule, device: str) -> None:
        """Run forwards and back once on made-up crops of both stages."""
        side, count = schedule.side, 2 * schedule.batch
        state = torch.rand(count, self.network.trunk.enter.in_channels, side, side, device=device)
        noise = torch.rand(2 * count, self.network.decoder.noise_1.in_channels, side, side, device=device)
        for scoring in (False, True):
            painted = _paint(self, state, noise if scoring else None, device)
            loss = sum((p.float().square().mean() for p in painted if p is not None), torch.zeros((), device=device))
            loss.backward()  # type: ignore[no-untyped-call]
            self.network.zero_grad(set_to_none=True)


def _paint(
    parts: _Parts, state: Tensor, noise: Tensor | None, device: str
) -> tuple[Tensor, Tensor, Tensor | None, Tensor | None]:
    """Return base, likely, broad and fine; the last two of both draws, one after the other, None without noise."""
    state = state.contiguous(memory_format=torch.channels_last)
    with torch.autocast(device, dtype=torch.bfloat16, enabled=parts.half):
        base, likely, x0, x1 = parts.trunk(state)
        if noise is None:
            return base.float(), likely.float(), None, None
        noise = noise.contiguous(memory_format=torch.channels_last)
        # The score's slopes end here: through the features they have pulled the trunk away from what is likely, more
        # strongly the more it went, until neither held (measured: docs/decisions/0013).
        x0, x1 = (torch.cat((t, t)).detach().contiguous(memory_format=torch.channels_last) for t in (x0, x1))
        broad, fine = parts.broad(x1, noise), parts.decoder(x0, x1, noise)
    return base.float(), likely.float(), broad.float(), fine.float()


def _step(
    parts: _Parts,
    average: Network,
    optimiser: torch.optim.Optimizer,
    batch: Batch,
    schedule: Schedule,
    step: int,
    device: str,
    usual: Usual,
    *,
    scoring: bool,
) -> Tensor:
    state, wanted, weight, back = (t.to(device) for t in (batch.state, batch.wanted, batch.weight, batch.back))
    noise = torch.cat([z.to(device) for z in batch.noises]) if scoring else None
    base, likely_said, broad, fine = _paint(parts, state, noise, device)
    loss = likely = regression(compose(base, likely_said), wanted, weight)
    score = moving = spread = torch.zeros((), device=device)
    if broad is not None and fine is not None:
        held = likely_said.detach()
        said = [torch.chunk(broad, 2), torch.chunk(fine, 2)]
        one, two = (keep_low(compose(base, held + b + f), compose(base, held + b)) for b, f in zip(*said, strict=True))
        score = energy_score(one, two, wanted, weight)
        changes = (_change(picture, back) for picture in (one, two, wanted))
        count = len(back)
        moving = energy_score(*changes, weight[count:] * torch.minimum(weight[:count], weight[count:]))
        mean = ((0.5 * (one + two) - wanted) * weight).abs().mean()
        spread = (one - two).detach().abs().mean()
        past = _past(torch.cat((base, base)), torch.cat((held, held)) + broad + fine)
        loss = 0.5 * likely + score + schedule.moving_share * moving + schedule.mean_share * mean + PLATEAU * past
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    length = torch.nn.utils.clip_grad_norm_(parts.network.parameters(), 1.0)
    if usual.takes(float(length), scoring=scoring):
        optimiser.step()
    keep = min(schedule.average, (step + 1) / (step + 10))
    with torch.no_grad():
        mine, theirs = list(average.parameters()), list(parts.network.parameters())
        torch._foreach_lerp_(mine, theirs, 1.0 - keep)
    return torch.stack([value.detach() for value in (likely, score, moving, spread)])


def _change(pictures: Tensor, back: Tensor) -> Tensor:
    """Return what the second frames hold that the first ones, brought along, do not."""
    first, second = torch.chunk(pictures, 2)
    return second - moved(first, back)


def _past(base: Tensor, said: Tensor) -> Tensor:
    """Return how far what is said of brightness lies beyond what is heeded: there it would paint plateaus.

    Asked of dust alone. What is said where there is none is seen by nobody, and was once what broke a training: it had
    grown to a hundred at the padding's corners, with gradients to match.
    """
    there = base[:, 0:1] / (base[:, 0:1] + FAINT)
    beyond = functional.relu(said[:, 1:] - BRIGHTER) + functional.relu(-said[:, 1:] - DARKER)
    return (there * torch.log1p(beyond)).mean()


def _say(log: Path, line: dict[str, object]) -> None:
    text = json.dumps(line)
    with log.open("a") as stream:
        stream.write(text + "\n")
    print(text, flush=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pace:
    """Which stage it is and how fast: by steps, or by the clock."""

    schedule: Schedule
    stages: tuple[float, float] | None

    def over(self, step: int, seconds: float) -> bool:
        return self._done(step, seconds) >= sum(self._lengths)

    def scoring(self, step: int, seconds: float) -> bool:
        return self._done(step, seconds) >= self._lengths[0]

    def rate(self, step: int, seconds: float) -> float:
        """Return the rate: a short run-up, then down along a cosine, in each stage."""
        first, second = self._lengths
        done = self._done(step, seconds)
        if done < first:
            peak, share = self.schedule.regression_rate, done / first
        else:
            peak, share = self.schedule.score_rate, (done - first) / max(second, 1e-9)
        fall = 0.02 + 0.98 * 0.5 * (1.0 + math.cos(math.pi * min(share, 1.0)))
        return peak * min(1.0, 0.1 + share / RUN_UP) * fall

    @property
    def _lengths(self) -> tuple[float, float]:
        if self.stages is not None:
            return 60 * self.stages[0], 60 * self.stages[1]
        return self.schedule.regression_steps, self.schedule.score_steps

    def _done(self, step: int, seconds: float) -> float:
        return step if self.stages is None else seconds


def _save(
    path: Path,
    network: Network,
    average: Network,
    optimiser: torch.optim.Optimizer,
    step: int,
    seconds: float,
    usual: Usual,
) -> None:
    kept = {
        "network": network.state_dict(),
        "average": average.state_dict(),
        "optimiser": optimiser.state_dict(),
        "step": step,
        "seconds": seconds,
        "usual": asdict(usual),
    }
    with whole_file(path) as part:
        torch.save(kept, part)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--minutes", type=float, help="stop after so long; run again to go on")
    parser.add_argument("--stages", type=float, nargs=2, help="minutes of both stages, instead of their steps")
    parser.add_argument("--wait", type=int, default=1, help="files that must be there before the first step")
    parser.add_argument("--compiled", action="store_true", help="compile the network for the device")
    parser.add_argument("--begin", type=Path, help="folder of exported weights to start from")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    for name, value in asdict(Schedule()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=type(value), default=value)
    given = vars(parser.parse_args())
    torch.set_num_threads(given["threads"])
    torch.backends.cudnn.benchmark = True
    schedule = Schedule(**{name: given[name] for name in asdict(Schedule())})
    train(
        given["data"], given["out"], schedule=schedule, minutes=given["minutes"], device=given["device"],
        stages=tuple(given["stages"]) if given["stages"] else None, wait=given["wait"], compiled=given["compiled"],
        begin=given["begin"],
    )  # fmt: skip


if __name__ == "__main__":
    main()
