"""Weights to ONNX: the averaged network of a run as two graphs, checked against torch, with their digests.

``python -m training.export RUN OUT`` writes ``trunk.onnx``, ``decoder.onnx`` and ``weights.json``.
"""

import argparse
import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from torch import Tensor, nn

from secondunit.generate.packing import NOISE, PACKING, STATE, compose_layers, pack_layers
from secondunit.media.digest import file_digest
from training.model import MULTIPLE, Network, parameters_of

OPSET = 17
EXPORTED = ("decoder.onnx", "trunk.onnx")
"""The files of exported weights."""
TOLERANCE = 1e-5
"""Largest difference that is let out between a picture by torch and one by ONNX Runtime: of alpha, of light's root."""


class _Decoders(nn.Module):
    def __init__(self, network: Network) -> None:
        super().__init__()
        self.broad, self.fine = network.broad, network.decoder

    def forward(self, x0: Tensor, x1: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        return self.broad(x1, noise), self.fine(x0, x1, noise)


def export(run: Path, out: Path) -> dict[str, Any]:
    """Export a run's averaged weights; return what ``weights.json`` says.

    Raises
    ------
    ValueError
        ONNX Runtime paints another picture than torch.
    """
    kept = torch.load(run / "checkpoint.pt", map_location="cpu", weights_only=True)
    network = Network()
    network.load_state_dict(kept["average"])
    network.eval()
    out.mkdir(parents=True, exist_ok=True)
    side = 8 * MULTIPLE
    rng = np.random.default_rng(1)
    state = torch.from_numpy(_likely_state(rng, side))
    noise = torch.from_numpy(rng.standard_normal((1, len(NOISE), side, side)).astype(np.float32))
    with torch.no_grad():
        base, likely, x0, x1 = network.trunk(state)
        broad, fine = network.broad(x1, noise), network.decoder(x0, x1, noise)
    _write(out / "trunk.onnx", network.trunk, (state,), ("state",), ("base", "likely", "x0", "x1"))
    _write(
        out / "decoder.onnx",
        _Decoders(network),
        (x0, x1, noise),
        ("x0", "x1", "noise"),
        ("broad", "fine"),
    )
    apart = _check(out, state.numpy(), noise.numpy(), [t.numpy() for t in (base, likely, broad, fine)])
    if apart > TOLERANCE:
        raise ValueError(f"ONNX Runtime is {apart:.1e} from torch; {TOLERANCE:.0e} is let out")
    said = {
        "name": "embedded",
        "packing": PACKING,
        "state": STATE,
        "noise": NOISE,
        "multiple": MULTIPLE,
        "parameters": parameters_of(network),
        "steps": kept["step"],
        "training_seconds": round(kept["seconds"]),
        "torch_difference": float(f"{apart:.1e}"),
        "files": {name: file_digest(out / name) for name in EXPORTED},
    }
    (out / "weights.json").write_text(json.dumps(said, indent=1) + "\n")
    return said


def load_exported(network: Network, weights: Path) -> None:
    """Give a network the weights of exported files.

    Raises
    ------
    RuntimeError
        They are of a network with other parts (``torch.nn.Module.load_state_dict``).
    """
    parts = {"trunk.onnx": network.trunk, "decoder.onnx": _Decoders(network)}
    for name in EXPORTED:
        held = {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(str(weights / name)).graph.initializer}
        wanted = parts[name].state_dict()
        parts[name].load_state_dict({k: torch.from_numpy(v.copy()) for k, v in held.items() if k in wanted})


def _likely_state(rng: np.random.Generator, side: int) -> np.ndarray:
    state = rng.standard_normal((1, len(STATE), side, side)).astype(np.float32) * 0.3
    state[:, 0] = np.clip(rng.normal(0.5, 0.5, (1, side, side)), 0, 1)
    return state


def _write(
    path: Path, module: nn.Module, example: tuple[Tensor, ...], inputs: tuple[str, ...], outputs: tuple[str, ...]
) -> None:
    axes = {name: {0: "n", 2: f"{name}_h", 3: f"{name}_w"} for name in (*inputs, *outputs)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the newer exporter writes weights apart, or unrolls sizes
        torch.onnx.export(
            module, example, str(path), input_names=list(inputs), output_names=list(outputs), dynamic_axes=axes,
            opset_version=OPSET, dynamo=False,
        )  # fmt: skip
    model = onnx.load(str(path))
    model.producer_name, model.producer_version, model.doc_string = "secondunit", "", ""
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def _check(out: Path, state: np.ndarray, noise: np.ndarray, wanted: list[np.ndarray]) -> float:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    trunk, decoder = (
        onnxruntime.InferenceSession(str(out / name), options, providers=["CPUExecutionProvider"])
        for name in ("trunk.onnx", "decoder.onnx")
    )
    *found, x0, x1 = trunk.run(None, {"state": state})
    drawn = decoder.run(None, {"x0": x0, "x1": x1, "noise": noise})
    return max(float(np.abs(a - b).max()) for a, b in zip(_pictures(*found, *drawn), _pictures(*wanted), strict=True))


def _pictures(base: np.ndarray, likely: np.ndarray, broad: np.ndarray, fine: np.ndarray) -> list[np.ndarray]:
    """Return what is seen of what was said: the likely picture, and that of one draw."""
    return [pack_layers(compose_layers(base[0], said[0])) for said in (likely, likely + broad + fine)]


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("out", type=Path)
    given = parser.parse_args()
    print(json.dumps(export(given.run, given.out), indent=1))


if __name__ == "__main__":
    main()
