"""A clip model behind a ComfyUI server: our buffers uploaded, a graph run, its frames fetched."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import cv2
import numpy as np
from numpy.typing import NDArray

from secondunit.core.clip import ClipBrief
from secondunit.core.errors import BackendError
from secondunit.core.recipe import digest
from secondunit.generate.clip import ClipAsk, ClipGrid, ClipStatement, Steps
from secondunit.generate.clip_models import LTX, MODELS
from secondunit.generate.clip_windows import check_frames, check_grid
from secondunit.generate.comfyui.apng import write_apng
from secondunit.generate.comfyui.client import ComfyServer
from secondunit.generate.comfyui.graph import Graph, eight_bit, fill, grid_of, node_of, read_graph
from secondunit.generate.memory import GIB
from secondunit.imaging.clip import ClipWindow, Frames

_FOLDER = "secondunit"
_GUIDANCE = 5.0
_HD = 900 * 500


class ComfyClip:
    """One graph on one server."""

    name: ClassVar[str] = "comfyui"
    version: ClassVar[str] = "1"

    def __init__(self, brief: ClipBrief, *, folder: Path) -> None:
        """Read the graph; the server is not asked yet.

        Raises
        ------
        BackendError
            The graph is none, or lacks a name of a file.
        """
        self._brief = brief
        self._server = ComfyServer(brief.server)
        self._graph: Graph = read_graph(folder / brief.graph if brief.graph else None)
        named = {"model": brief.model, "text_encoder": brief.text_encoder, "vae": brief.vae}
        for title, file in named.items():
            node = node_of(self._graph, title)
            if node and not file and "" in self._graph[node]["inputs"].values():
                raise BackendError(
                    f"[clip] {title} is empty: the graph needs its file",
                    fix=f'write {title} = "..." as the server lists it',
                )
        self._graph = fill(self._graph, {title: {"file": file} for title, file in named.items() if file})
        self._ran: dict[str, str] = {}

    @property
    def weights_digest(self) -> str:
        """SHA-256 over the graph with its files' names: a server does not show what is in them."""
        return digest({"graph": self._graph, "server": "here" if self._server.is_here else self._server.host})

    @property
    def grid(self) -> ClipGrid:
        """What the graph's model accepts."""
        return grid_of(self._graph)

    def files(self) -> Mapping[str, str]:
        """Return the graphs that ran, by file name: each opens in ComfyUI as it is."""
        return dict(self._ran)

    def describe(self, *, frames: int, width: int, height: int) -> ClipStatement:
        """Ask the server what it is and whether it knows the graph's nodes and files.

        Raises
        ------
        BackendError
            It is not reached, or lacks a node or a file.
        """
        stats = self._server.get("/system_stats")
        known = self._server.get("/object_info")
        graph, eight = self._fitted(known)
        for node in graph.values():
            _check_node(node, known)
        system = stats.get("system", {})
        cards = [
            f"{card.get('name', '?')} {card.get('vram_free', 0) / GIB:.1f} of {card.get('vram_total', 0) / GIB:.1f} GiB"
            for card in stats.get("devices", [])
        ]
        titles = [m for m in MODELS.values() if ("LTX" in m.title) == (self.grid == LTX)]
        notes = ["what the server's files hold cannot be seen from here: the record has their names and the graph"]
        if eight:
            notes.append("this server has no SaveImageAdvanced: its frames come in 8 bits; a newer ComfyUI gives 16")
        if not self._server.is_here:
            notes.append(f"frames leave this machine: they are sent to {self._server.host}")
        if self._brief.reference is False:
            notes.append("no reference picture is given")
        return ClipStatement(
            model=", ".join(filter(None, (self._brief.model, self._brief.text_encoder, self._brief.vae)))
            or self._brief.graph,
            licence="; ".join(f"{m.title}: {m.licence}" for m in titles),
            parameters="; ".join(f"{m.title}: {m.parameters}" for m in titles),
            memory="; ".join(f"{m.title}: {m.memory_gib} GiB" for m in titles)
            + f"; free on the server: {', '.join(cards) or 'it does not say'}",
            place=self._server.url,
            notes=tuple(notes),
            settings={
                "graph": digest(graph),
                "comfyui": str(system.get("comfyui_version", "unknown")),
                "bits": 8 if eight else 16,
                "scheduler": _scheduler(graph),
                "guidance": self._brief.guidance or _GUIDANCE,
            },
        )

    def enhance(self, window: ClipWindow, *, ask: ClipAsk, progress: Steps | None = None) -> Frames:
        """Return the server's frames, float32 sRGB.

        Raises
        ------
        BackendError
            The window does not lie on the grid, or the server failed.
        """
        check_grid(window.size, self.grid, name="the graph")
        frames, height, width = window.size
        graph, _ = self._fitted(self._server.get("/object_info"))
        pictures = {
            "control": list(window.control),
            "mask": list(window.mask),
            "comp": list(window.comp),
            "depth": list(window.depth),
            "reference": [window.reference] if window.reference is not None else None,
        }
        values: dict[str, dict[str, Any]] = {
            "prompt": {"text": ask.prompt},
            "negative": {"text": ask.negative},
            "size": {"width": width, "height": height, "length": frames, "control": float(ask.control)},
            "sampler": {"seed": ask.seed, "steps": ask.steps, "guidance": ask.guidance or _GUIDANCE},
            "shift": {"shift": 5.0 if height * width > _HD else 3.0},
        }
        for title, shown in pictures.items():
            if node_of(graph, title) is not None:
                values[title] = {"picture": None if shown is None else self._sent(title, shown, window.rate)}
        graph = fill(graph, values)
        self._ran[f"comfyui_graph_{len(self._ran) + 1}.json"] = json.dumps(graph, indent=2) + "\n"
        outputs = self._server.run(graph, progress=progress)
        result = outputs.get(str(node_of(graph, "result"))) or {}
        found = [_decode(self._server.view(picture)) for picture in result.get("images", [])]
        if len(found) != frames or any(picture.shape != (height, width, 3) for picture in found):
            sizes = sorted({f"{p.shape[1]} x {p.shape[0]}" for p in found})
            raise BackendError(
                f"the server gave {len(found)} frames of {', '.join(sizes) or 'no size'}, "
                f"not {frames} of {width} x {height}",
                fix="let su:size set width, height and length, and su:result save every frame",
            )
        return check_frames(np.stack(found), window.size, name="the server")

    def _fitted(self, known: Mapping[str, Any]) -> tuple[Graph, bool]:
        """Return the graph as this server can save it, and whether in 8 bits."""
        node = self._graph[str(node_of(self._graph, "result"))]
        if node["class_type"] == "SaveImageAdvanced" and "SaveImageAdvanced" not in known:
            return eight_bit(self._graph), True
        return self._graph, node["class_type"] == "SaveImage"

    def _sent(self, title: str, pictures: list[Any], rate: float) -> str:
        codes = [_codes(picture) for picture in pictures]
        data = write_apng(codes, rate=max(round(rate), 1))
        name = f"{hashlib.sha256(data).hexdigest()[:16]}_{title}.png"
        return self._server.upload(name, data, subfolder=_FOLDER)


def _codes(picture: Any) -> NDArray[np.uint8]:
    """Return a picture or mask as 8-bit RGB, which is what ComfyUI's LoadImage keeps."""
    codes = np.round(np.clip(np.asarray(picture), 0.0, 1.0) * 255).astype(np.uint8)
    return codes if codes.ndim == 3 else np.repeat(codes[..., None], 3, axis=2)


def _decode(data: bytes) -> NDArray[np.float32]:
    """Return a PNG of 8 or 16 bits as float RGB, 0 to 1."""
    if not data.startswith(b"\x89PNG"):
        raise BackendError("the server's result is no PNG", fix="save PNG, 16 bits, at the node su:result")
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_ANYDEPTH)
    if picture is None:
        raise BackendError("the server's result is a damaged PNG", fix="run it again")
    top = np.float32(np.iinfo(picture.dtype).max)
    return np.ascontiguousarray(picture[..., ::-1], dtype=np.float32) / top


def _check_node(node: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Refuse a graph that a server cannot run: a node it lacks, a file it does not list."""
    kind = node["class_type"]
    if kind not in known:
        raise BackendError(
            f"the server has no node {kind}", fix="update ComfyUI, or install what brings it there, or change the graph"
        )
    title = (node.get("_meta") or {}).get("title", "")
    if title not in ("su:model", "su:text_encoder", "su:vae"):
        return
    required = known[kind].get("input", {}).get("required", {})
    for key, value in node["inputs"].items():
        listed = _choices(required.get(key))
        if isinstance(value, str) and listed is not None and value not in listed:
            there = ", ".join(listed[:5]) or "none"
            raise BackendError(
                f"the server has no {value!r} for {kind}.{key}", fix=f"put it in its models folder; it lists: {there}"
            )


def _choices(said: Any) -> list[str] | None:
    """Return the choices of an input, in either way that ComfyUI writes them."""
    if not isinstance(said, list) or not said:
        return None
    if isinstance(said[0], list):
        return [str(choice) for choice in said[0]]
    options = said[1].get("options") if said[0] == "COMBO" and len(said) > 1 and isinstance(said[1], dict) else None
    return [str(choice) for choice in options] if isinstance(options, list) else None


def _scheduler(graph: Graph) -> str:
    node = node_of(graph, "sampler")
    said = graph[node]["inputs"] if node else {}
    return " ".join(str(said[key]) for key in ("sampler_name", "scheduler") if key in said) or "as in the graph"
