"""A graph in ComfyUI's API format, filled with our pictures and numbers by the titles of its nodes.

ComfyUI opens such a file as it is (Workflow, Open; or dropped on its page). A graph of your own takes part by giving
nodes these titles; what it does not name is not handed to it::

    su:control su:mask su:reference su:depth su:comp   LoadImage, an animated PNG each
    su:prompt su:negative                              a text
    su:size                                            width, height, length, strength
    su:sampler                                         seed, steps, cfg
    su:shift su:model su:text_encoder su:vae           as in the shipped graph
    su:result                                          the node that saves the frames
"""

import copy
import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from secondunit.core.errors import BackendError
from secondunit.generate.clip import ClipGrid
from secondunit.generate.clip_models import LTX, WAN

Graph = dict[str, dict[str, Any]]

PICTURES = ("control", "mask", "reference", "depth", "comp")
_KEYS: Mapping[str, Mapping[str, str]] = {
    **{name: {"picture": "image"} for name in PICTURES},
    "prompt": {"text": "text"},
    "negative": {"text": "text"},
    "size": {"width": "width", "height": "height", "length": "length", "control": "strength"},
    "sampler": {"seed": "seed", "steps": "steps", "guidance": "cfg"},
    "shift": {"shift": "shift"},
    "model": {"file": "unet_name"},
    "text_encoder": {"file": "clip_name"},
    "vae": {"file": "vae_name"},
}
"""Which of our values go into which input of a node, by its title."""


def read_graph(path: Path | None) -> Graph:
    """Read a graph file; the shipped Wan VACE one where there is none.

    Raises
    ------
    BackendError
        It is missing, no graph in API format, or has no place for our control or for a result.
    """
    where = str(path) if path else "the shipped graph"
    try:
        text = path.read_text(encoding="utf-8") if path else _shipped()
        graph: Graph = json.loads(text)
    except FileNotFoundError:
        raise BackendError(f"{path} does not exist", fix="check [clip] graph in shot.toml") from None
    except (OSError, ValueError) as error:
        raise BackendError(f"{where} cannot be read: {error}", fix="export it again") from error
    api = (
        isinstance(graph, dict)
        and bool(graph)
        and all(isinstance(node, dict) and "class_type" in node and "inputs" in node for node in graph.values())
    )
    if not api:
        raise BackendError(f"{where} is no graph in API format", fix="in ComfyUI: Workflow, Export (API)")
    for title in ("control", "result"):
        if node_of(graph, title) is None:
            raise BackendError(f"{where} has no node titled su:{title}", fix="give that node this title")
    return graph


def node_of(graph: Graph, title: str) -> str | None:
    """Return the id of the node with one of our titles.

    Raises
    ------
    BackendError
        Two nodes have it.
    """
    found = [key for key, node in graph.items() if (node.get("_meta") or {}).get("title") == f"su:{title}"]
    if len(found) > 1:
        raise BackendError(f"two nodes of the graph are titled su:{title}", fix="leave the title to one of them")
    return found[0] if found else None


def grid_of(graph: Graph) -> ClipGrid:
    """Return what a graph's model accepts: LTX's grid where it uses LTX nodes, else Wan's."""
    return LTX if any("LTXV" in str(node["class_type"]) for node in graph.values()) else WAN


def fill(graph: Graph, values: Mapping[str, Mapping[str, Any]]) -> Graph:
    """Return a graph with values put in, by title and then by our name of the value.

    A node whose values are None is taken out with all that hangs on it (a reference that is not given).

    >>> graph = read_graph(None)
    >>> fill(graph, {"sampler": {"seed": 7}})["12"]["inputs"]["seed"]
    7
    """
    filled = copy.deepcopy(graph)
    for title, said in values.items():
        key = node_of(filled, title)
        if key is None:
            continue
        if any(value is None for value in said.values()):
            del filled[key]
            for node in filled.values():
                node["inputs"] = {name: v for name, v in node["inputs"].items() if not _from(v, key)}
            continue
        for name, value in said.items():
            wanted = _KEYS[title][name]
            if wanted in filled[key]["inputs"]:
                filled[key]["inputs"][wanted] = value
    return filled


def eight_bit(graph: Graph) -> Graph:
    """Return a graph whose result is saved by the old node, which knows 8 bits alone."""
    changed = copy.deepcopy(graph)
    node = changed[str(node_of(changed, "result"))]
    kept = {key: node["inputs"][key] for key in ("images", "filename_prefix")}
    node.update(class_type="SaveImage", inputs=kept)
    return changed


def _from(value: Any, key: str) -> bool:
    return isinstance(value, list) and len(value) == 2 and value[0] == key


def _shipped() -> str:
    return files("secondunit.generate.comfyui").joinpath("wan_vace.json").read_text(encoding="utf-8")
