"""A small server that speaks ComfyUI's interface over real sockets: HTTP and websocket on one port.

It knows the nodes of the shipped graph, checks a graph as ComfyUI does (classes, required inputs, links, listed files)
and then *runs* it as far as pictures go: it reads the uploaded animated PNGs, inpaints the masked part with a flat
colour drawn from seed and prompt, and saves 16-bit (or 8-bit) PNGs. No weights, no ComfyUI code.
"""

import base64
import hashlib
import io
import json
import socket
import struct
import threading
import zlib
from contextlib import suppress
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import cv2
import numpy as np
from PIL import Image, ImageSequence

FILES = {"unet_name": ["wan_vace.safetensors"], "clip_name": ["umt5.safetensors"], "vae_name": ["wan_vae.safetensors"]}
IMAGE, MASK, LATENT, COND, MODEL, CLIP, VAE, INT = (
    "IMAGE",
    "MASK",
    "LATENT",
    "CONDITIONING",
    "MODEL",
    "CLIP",
    "VAE",
    "INT",
)
NODES: dict[str, dict[str, Any]] = {
    "UNETLoader": {"in": {"unet_name": FILES["unet_name"], "weight_dtype": ["default"]}, "out": [MODEL]},
    "CLIPLoader": {"in": {"clip_name": FILES["clip_name"], "type": ["wan", "ltxv"]}, "out": [CLIP]},
    "VAELoader": {"in": {"vae_name": FILES["vae_name"]}, "out": [VAE]},
    "ModelSamplingSD3": {"in": {"model": MODEL, "shift": "FLOAT"}, "out": [MODEL]},
    "CLIPTextEncode": {"in": {"clip": CLIP, "text": "STRING"}, "out": [COND]},
    "LoadImage": {"in": {"image": "STRING"}, "out": [IMAGE, MASK]},
    "ImageToMask": {"in": {"image": IMAGE, "channel": ["red", "green", "blue", "alpha"]}, "out": [MASK]},
    "WanVaceToVideo": {
        "in": {"positive": COND, "negative": COND, "vae": VAE, "width": INT, "height": INT, "length": INT,
               "batch_size": INT, "strength": "FLOAT"},
        "optional": {"control_video": IMAGE, "control_masks": MASK, "reference_image": IMAGE},
        "out": [COND, COND, LATENT, INT],
    },
    "KSampler": {
        "in": {"model": MODEL, "positive": COND, "negative": COND, "latent_image": LATENT, "seed": INT, "steps": INT,
               "cfg": "FLOAT", "sampler_name": ["uni_pc", "euler"], "scheduler": ["simple", "normal"],
               "denoise": "FLOAT"},
        "out": [LATENT],
    },
    "TrimVideoLatent": {"in": {"samples": LATENT, "trim_amount": INT}, "out": [LATENT]},
    "VAEDecode": {"in": {"samples": LATENT, "vae": VAE}, "out": [IMAGE]},
    "SaveImage": {"in": {"images": IMAGE, "filename_prefix": "STRING"}, "out": []},
    "SaveImageAdvanced": {"in": {"images": IMAGE, "filename_prefix": "STRING", "format": ["png", "exr"]}, "out": []},
}  # fmt: skip


class ComfyLike(ThreadingHTTPServer):
    """The server; use it as a context manager."""

    daemon_threads = True

    def __init__(
        self, *, nodes: dict[str, Any] | None = None, fault: str = "", step_s: float = 0.0, drift: float = 0.0
    ) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.nodes = NODES if nodes is None else nodes
        self.fault, self.step_s = fault, step_s
        self.drift = drift
        """Added to what is drawn: the same model on another machine."""
        self.inputs: dict[str, bytes] = {}
        self.outputs: dict[str, bytes] = {}
        self.history: dict[str, Any] = {}
        self.graphs: list[dict[str, Any]] = []
        self.sockets: dict[str, Any] = {}
        self.asked: list[str] = []
        self.stopped = threading.Event()
        self.working = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> "ComfyLike":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *args: object) -> None:
        self.shutdown()
        self.server_close()

    def object_info(self) -> dict[str, Any]:
        def said(kind: Any) -> list[Any]:
            # Both of the ways in which ComfyUI writes a list of choices.
            return ["COMBO", {"options": kind}] if kind is FILES["vae_name"] else [kind, {}]

        return {
            name: {
                "input": {
                    "required": {key: said(kind) for key, kind in node["in"].items()},
                    "optional": {key: said(kind) for key, kind in node.get("optional", {}).items()},
                },
                "output": node["out"],
            }
            for name, node in self.nodes.items()
        }

    def refuse(self, graph: dict[str, Any]) -> dict[str, Any]:
        """Return node errors as ComfyUI's validation gives them."""
        errors: dict[str, Any] = {}

        def wrong(key: str, kind: str, message: str, details: str) -> None:
            entry = errors.setdefault(key, {"errors": [], "class_type": graph[key]["class_type"]})
            entry["errors"].append({"type": kind, "message": message, "details": details})

        for key, node in graph.items():
            known = self.nodes[node["class_type"]]
            for name, kind in {**known["in"], **known.get("optional", {})}.items():
                if name not in node["inputs"]:
                    if name in known["in"]:
                        wrong(key, "required_input_missing", "Required input is missing", name)
                    continue
                value = node["inputs"][name]
                if isinstance(value, list):
                    source = graph.get(value[0])
                    made = self.nodes[source["class_type"]]["out"][value[1]] if source else None
                    if made != kind:
                        wrong(key, "return_type_mismatch", "Return type mismatch", f"{name}, {made} is not {kind}")
                elif isinstance(kind, list):
                    if value not in kind:
                        wrong(key, "value_not_in_list", "Value not in list", f"{name}: {value!r}")
                elif (kind == INT and type(value) is not int) or (kind == "STRING" and not isinstance(value, str)):
                    wrong(key, "invalid_input_type", "Failed to convert an input value", name)
                elif kind in (IMAGE, MASK, LATENT, COND, MODEL, CLIP, VAE):
                    wrong(key, "bad_linked_input", "Bad linked input", name)
            if node["class_type"] == "LoadImage" and node["inputs"].get("image") not in self.inputs:
                wrong(key, "custom_validation_failed", "Invalid image file", str(node["inputs"].get("image")))
        return errors

    def read(self, graph: dict[str, Any], link: list[Any]) -> np.ndarray:
        """Return the frames behind a link, (frames, height, width, 3) float."""
        node = graph[link[0]]
        if node["class_type"] == "ImageToMask":
            return self.read(graph, node["inputs"]["image"])
        with Image.open(io.BytesIO(self.inputs[node["inputs"]["image"]])) as picture:
            frames = [np.asarray(f.convert("RGB"), np.float32) / 255 for f in ImageSequence.Iterator(picture)]
        return np.stack(frames)

    def say(self, client: str, kind: str, **data: Any) -> None:
        if client in self.sockets:
            send_text(self.sockets[client], json.dumps({"type": kind, "data": data}))

    def work(self, graph: dict[str, Any], client: str, queued: str) -> None:
        """Run a graph; what it says on the way and leaves behind is as ComfyUI's."""
        by_class = {node["class_type"]: node for node in graph.values()}
        key_of = {node["class_type"]: key for key, node in graph.items()}
        sampler, size = by_class["KSampler"]["inputs"], by_class["WanVaceToVideo"]["inputs"]
        self.say(client, "execution_start", prompt_id=queued)
        if client in self.sockets:
            send_frame(self.sockets[client], 2, b"\0\0\0\1preview")
        self.working.set()
        for step in range(sampler["steps"]):
            self.say(
                client, "progress", value=step + 1, max=sampler["steps"], prompt_id=queued, node=key_of["KSampler"]
            )
            if self.stopped.wait(self.step_s):
                self.history[queued] = {"outputs": {}, "status": {"status_str": "error", "messages": []}}
                self.say(client, "execution_interrupted", prompt_id=queued, node_id="12")
                return
        if self.fault == "node":
            body = {"prompt_id": queued, "node_type": "KSampler", "exception_message": "Allocation on device"}
            self.history[queued] = {
                "outputs": {},
                "status": {"status_str": "error", "messages": [["execution_error", body]]},
            }
            self.say(client, "execution_error", **body)
            return
        made = self.draw(graph, sampler, size)
        save = "SaveImageAdvanced" if "SaveImageAdvanced" in by_class else "SaveImage"
        images = []
        for n, frame in enumerate(made[:-1] if self.fault == "a frame less" else made):
            name = f"{queued}_{n:05}.png"
            bits = np.uint16 if save == "SaveImageAdvanced" else np.uint8
            codes = (np.clip(frame, 0, 1) * np.iinfo(bits).max).astype(bits)
            self.outputs[name] = (
                b"GIF89a" if self.fault == "no png" else cv2.imencode(".png", codes[..., ::-1])[1].tobytes()
            )
            images.append({"filename": name, "subfolder": "secondunit", "type": "output"})
        self.history[queued] = {
            "prompt": [1, queued, graph, {}, []],
            "outputs": {key_of[save]: {"images": images}},
            "status": {"status_str": "success", "completed": True, "messages": []},
        }
        if self.fault == "says nothing":
            return
        if self.fault == "drops the socket":
            self.sockets.pop(client).shutdown(socket.SHUT_RDWR)
            return
        self.say(client, "executed", node=key_of[save], output={"images": images}, prompt_id=queued)
        self.say(client, "executing", node=None, prompt_id=queued)

    def draw(self, graph: dict[str, Any], sampler: dict[str, Any], size: dict[str, Any]) -> np.ndarray:
        control, mask = self.read(graph, size["control_video"]), self.read(graph, size["control_masks"])[..., :1]
        assert len(control) == len(mask) == size["length"]
        assert control.shape[1:3] == (size["height"], size["width"])
        text = graph[sampler["positive"][0]]["inputs"]
        prompt = graph[text["positive"][0]]["inputs"]["text"]
        colour = np.random.default_rng([sampler["seed"], zlib.crc32(prompt.encode())]).uniform(0.4, 0.9, 3)
        return np.where(mask > 0.5, 0.5 * control + 0.5 * colour + self.drift, control).astype(np.float32)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: ComfyLike

    def log_message(self, *args: object) -> None:
        pass

    def answer(self, code: int, data: bytes, kind: str = "application/json") -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def json(self, value: Any, code: int = 200) -> None:
        self.answer(code, json.dumps(value).encode())

    def do_GET(self) -> None:
        parts, server = urlsplit(self.path), self.server
        query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        server.asked.append(parts.path)
        if parts.path == "/ws":
            self.listen(query["clientId"])
        elif parts.path == "/system_stats":
            card = {"name": "cuda:0 Toy", "type": "cuda", "vram_total": 24 * 2**30, "vram_free": 20 * 2**30}
            self.json({"system": {"comfyui_version": "0.9.9"}, "devices": [card]})
        elif parts.path == "/object_info":
            self.json(server.object_info())
        elif parts.path.startswith("/history/"):
            key = parts.path.rsplit("/", 1)[1]
            self.json({key: server.history[key]} if key in server.history else {})
        elif parts.path == "/view" and query["filename"] in server.outputs:
            self.answer(200, server.outputs[query["filename"]], "image/png")
        else:
            self.json({"error": "not found"}, 404)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server = self.server
        server.asked.append(self.path)
        if self.path == "/upload/image":
            head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
            message = BytesParser(policy=HTTP).parsebytes(head + body)
            fields = {p.get_param("name", header="content-disposition"): p for p in message.iter_parts()}
            name = str(fields["image"].get_filename())
            folder = fields["subfolder"].get_payload(decode=True).decode().strip()
            server.inputs[f"{folder}/{name}"] = fields["image"].get_payload(decode=True)
            self.json({"name": name, "subfolder": folder, "type": "input"})
        elif self.path == "/prompt":
            said = json.loads(body)
            graph, client = said["prompt"], said["client_id"]
            missing = [n["class_type"] for n in graph.values() if n["class_type"] not in server.nodes]
            errors = {} if missing else server.refuse(graph)
            if missing or errors:
                message = (
                    f"Cannot execute because node {missing[0]} does not exist."
                    if missing
                    else "Prompt outputs failed validation"
                )
                self.json({"error": {"type": "x", "message": message, "details": ""}, "node_errors": errors}, 400)
                return
            queued = hashlib.sha256(body).hexdigest()[:12]
            server.graphs.append(graph)
            self.json({"prompt_id": queued, "number": 1, "node_errors": {}})
            threading.Thread(target=server.work, args=(graph, client, queued), daemon=True).start()
        elif self.path in ("/interrupt", "/queue"):
            if self.path == "/interrupt":
                server.stopped.set()
            self.answer(200, b"")
        else:
            self.json({"error": "not found"}, 404)

    def listen(self, client: str) -> None:
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(hashlib.sha1(key.encode()).digest()).decode())
        self.end_headers()
        self.server.sockets[client] = self.connection
        send_text(
            self.connection, json.dumps({"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 0}}}})
        )
        self.close_connection = True
        try:
            while data := self.connection.recv(4096):
                if data[0] & 0x0F == 8:
                    send_frame(self.connection, 8, b"")
                    break
        except OSError:
            pass


def send_text(connection: Any, text: str) -> None:
    send_frame(connection, 1, text.encode())


def send_frame(connection: Any, kind: int, data: bytes) -> None:
    """Send one unmasked frame (RFC 6455, section 5.2)."""
    head = bytes([0x80 | kind])
    head += bytes([len(data)]) if len(data) < 126 else bytes([126]) + struct.pack(">H", len(data))
    with suppress(OSError):
        connection.sendall(head + data)
