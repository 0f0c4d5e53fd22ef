"""Clip models of the diffusers library, from a folder on this machine. It opens no connection and downloads nothing."""

import gc
import json
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

import diffusers
import numpy as np
import torch

from secondunit.core.clip import ClipBrief
from secondunit.core.errors import BackendError
from secondunit.generate.clip import ClipAsk, ClipGrid, ClipStatement, Steps
from secondunit.generate.clip_drivers import DRIVERS, GUIDANCE, PIPELINES, prepare, schedule_of
from secondunit.generate.clip_models import GRIDS, licences_of, models_of
from secondunit.generate.clip_weights import WeightFolder, read_weights
from secondunit.generate.clip_windows import check_frames, check_grid
from secondunit.generate.memory import GIB, MemoryNeed, free_bytes, need_for
from secondunit.imaging.clip import ClipWindow, Frames

_SMALLER = "make [clip] width or frames smaller, or write offload = 'model'"


class DiffusersClip:
    """One folder of weights, loaded when it first runs."""

    name: ClassVar[str] = "diffusers"
    version: ClassVar[str] = "1"

    def __init__(self, brief: ClipBrief, *, folder: Path) -> None:
        """Look at the weights; nothing is loaded yet.

        Raises
        ------
        BackendError
            There are none, they are not whole, or they take no control buffers.
        """
        if not brief.model:
            raise BackendError(
                "[clip] model is empty: diffusers needs a folder of weights", fix='write model = "/where/they/lie"'
            )
        self._brief = brief
        self._weights: WeightFolder = read_weights((folder / brief.model).resolve(), known=frozenset(PIPELINES))
        self._pipe: Any = None

    @cached_property
    def weights_digest(self) -> str:
        """SHA-256 over every file of the folder that is read."""
        return self._weights.digest()

    @property
    def grid(self) -> ClipGrid:
        """What its pipeline accepts."""
        return GRIDS[self._weights.pipeline]

    def files(self) -> Mapping[str, str]:
        """Return nothing: all there is to know of a run is in its recipe."""
        return {}

    def describe(self, *, frames: int, width: int, height: int) -> ClipStatement:
        """Say what would run, by which licence and in how much memory.

        Raises
        ------
        BackendError
            The card is missing, the memory too small, or a library that it needs.
        """
        pipeline, brief = self._weights.pipeline, self._brief
        device = self._device()
        need, free = self._need(device, frames=frames, width=width, height=height), _free(device)
        if need.total > free:
            raise BackendError(f"{pipeline} needs {need.said(free, where=_where(device))}", fix=_SMALLER)
        notes = []
        if device == "cpu":
            notes.append("on the CPU a published model takes hours for a shot")
        if pipeline == "LTXConditionPipeline":
            notes.append("it takes no mask, and not [clip] control; strength says how far it may leave our render")
        else:
            notes.append("it starts from noise: [clip] strength is not used")
        known = ", ".join(model.title for model in models_of(pipeline))
        return ClipStatement(
            model=f"{pipeline}: {known}",
            licence=licences_of(pipeline),
            parameters=", ".join(f"{name} {size / GIB:.2f} GiB" for name, size in self._weights.parts) + " on disk",
            memory=need.said(free, where=_where(device)),
            place=str(self._weights.folder),
            notes=tuple(notes),
            settings={
                "pipeline": pipeline,
                "precision": "float32" if device == "cpu" else "bfloat16, VAE float32",
                "libraries": {
                    "diffusers": diffusers.__version__,
                    "torch": torch.__version__,
                    "transformers": version("transformers"),
                },
                "scheduler": self._schedule(pixels=height * width),
                "guidance": brief.guidance or GUIDANCE[pipeline],
            },
        )

    def enhance(self, window: ClipWindow, *, ask: ClipAsk, progress: Steps | None = None) -> Frames:
        """Return the model's frames, float32 sRGB; one seed gives one result on a machine.

        Raises
        ------
        BackendError
            The window does not lie on the grid, the memory ran out, or the model failed.
        """
        pipeline = self._weights.pipeline
        check_grid(window.size, self.grid, name=pipeline)
        _, height, width = window.size

        def step(pipe: Any, done: int, time: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            if progress is not None:
                progress(min(done + 1, ask.steps), ask.steps)
            return {}

        try:
            with _quiet():
                pipe = self._loaded()
                prepare(pipe, pixels=height * width)
                # The seed is drawn on the CPU, so that a card does not change it.
                chance = torch.Generator("cpu").manual_seed(ask.seed)
                found = DRIVERS[pipeline](pipe, window, replace(ask, steps=max(ask.steps, 1)), step, chance)
        except torch.OutOfMemoryError as error:
            self._pipe = None
            gc.collect()
            raise BackendError(f"the card's memory ran out in {pipeline}", fix=_SMALLER) from error
        except (RuntimeError, ValueError, TypeError, KeyError, IndexError, AssertionError, OSError) as error:
            raise BackendError(
                f"{pipeline} failed: {type(error).__name__}: {error}",
                fix="see that the folder is whole and of a diffusers version in range",
            ) from error
        return check_frames(np.asarray(found, dtype=np.float32), window.size, name=pipeline)

    def _loaded(self) -> Any:
        if self._pipe is not None:
            return self._pipe
        device = self._device()
        exact, half = torch.float32, torch.bfloat16
        kinds = {"default": exact} if device == "cpu" else {"default": half, "vae": exact}
        pipe = PIPELINES[self._weights.pipeline].from_pretrained(
            str(self._weights.folder), torch_dtype=kinds, local_files_only=True, use_safetensors=True
        )
        pipe.set_progress_bar_config(disable=True)
        if device == "cuda" and self._brief.offload == "model":
            pipe.enable_model_cpu_offload()
        else:
            pipe.to(device)
        self._pipe = pipe
        return pipe

    def _device(self) -> str:
        wanted = self._brief.device
        if wanted != "cpu" and torch.cuda.is_available():
            return "cuda"
        if wanted == "cpu":
            return "cpu"
        why = "no CUDA card is seen by torch" if torch.version.cuda else "this torch is built for the CPU alone"
        raise BackendError(
            f"{self._weights.pipeline} wants a card: {why}",
            fix="install torch for your card, or write device = 'cpu' in [clip] (hours a shot)",
        )

    def _need(self, device: str, *, frames: int, width: int, height: int) -> MemoryNeed:
        parts = dict(self._weights.parts)
        # Weights are stored in 16 bits as a rule; on the CPU they are used in 32.
        factor = 2.0 if device == "cpu" else 1.0
        offloaded = self._brief.offload == "model" and device == "cuda"
        held = max(parts.values()) if offloaded else sum(parts.values())
        config = _config(self._weights.folder / "transformer" / "config.json")
        heads, each = int(config.get("num_attention_heads", 32)), int(config.get("attention_head_dim", 128))
        grid = self.grid
        return need_for(
            weights=int(held * factor),
            frames=frames,
            height=height,
            width=width,
            token_px=grid.size_step,
            token_frames=grid.frame_step,
            model_width=heads * each,
        )

    def _schedule(self, *, pixels: int) -> str:
        said = _config(self._weights.folder / "scheduler" / "scheduler_config.json")
        return schedule_of(self._weights.pipeline, str(said.get("_class_name", "unknown")), pixels=pixels)


def _config(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise BackendError(f"{path} cannot be read", fix="fetch it again") from error


def _free(device: str) -> int:
    return int(torch.cuda.mem_get_info()[0]) if device == "cuda" else free_bytes()


def _where(device: str) -> str:
    return torch.cuda.get_device_name() if device == "cuda" else "this machine"


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep bars and advice of the libraries off the terminal; what fails raises all the same."""
    diffusers.utils.logging.set_verbosity_error()
    diffusers.utils.logging.disable_progress_bar()
    logging.getLogger("transformers").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
