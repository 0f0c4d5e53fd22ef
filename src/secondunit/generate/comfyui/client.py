"""A ComfyUI server: uploads, a graph queued, its progress over a websocket, its pictures, and stopping it.

The interface is the one its own pages use: ``POST /upload/image``, ``POST /prompt``, ``ws /ws?clientId=``,
``GET /history/{id}``, ``GET /view``, ``POST /queue``, ``POST /interrupt``, ``GET /object_info``, ``GET /system_stats``.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from secondunit.core.errors import BackendError

Steps = Callable[[int, int], None]
_TIMEOUT_S = 60.0
"""For one answer; a run has no limit."""
_SILENCE_S = 20.0
"""After so long without a word the history is asked whether it is done already."""
_RECONNECTS = 3
_NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""Frames go straight to the server that the brief names, through no proxy of the environment."""


class ComfyServer:
    """One server, by its address."""

    def __init__(self, url: str) -> None:
        """Take an address as ``http://127.0.0.1:8188``.

        Raises
        ------
        BackendError
            It is none.
        """
        parts = urllib.parse.urlsplit(url.rstrip("/"))
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise BackendError(f"{url!r} is no server's address", fix='write server = "http://127.0.0.1:8188"')
        self.url = url.rstrip("/")
        self.host = parts.hostname
        self._client = uuid.uuid4().hex

    @property
    def is_here(self) -> bool:
        """Whether it runs on this very machine."""
        return self.host in ("127.0.0.1", "::1", "localhost")

    def get(self, path: str) -> Any:
        """Return a JSON answer.

        Raises
        ------
        BackendError
            The server is not reached, or refuses.
        """
        return self._json(self._send(urllib.request.Request(self.url + path)), path)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Send JSON; return the JSON answer, None where there is none.

        Raises
        ------
        BackendError
            As ``get``.
        """
        data = json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data=data, headers={"Content-Type": "application/json"})
        answer = self._send(request)
        return self._json(answer, path) if answer.strip() else None

    def upload(self, name: str, data: bytes, *, subfolder: str) -> str:
        """Put a picture among the server's inputs; return its name there.

        Raises
        ------
        BackendError
            As ``get``.
        """
        mark = uuid.uuid4().hex
        fields = {"subfolder": subfolder, "type": "input", "overwrite": "true"}
        body = b"".join(
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        )
        head = f'--{mark}\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n'
        body += head.encode() + b"Content-Type: image/png\r\n\r\n" + data + f"\r\n--{mark}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={mark}"}
        path = "/upload/image"
        said = self._json(self._send(urllib.request.Request(self.url + path, data=body, headers=kind)), path)
        folder = str(said.get("subfolder", ""))
        return f"{folder}/{said['name']}" if folder else str(said["name"])

    def view(self, picture: Mapping[str, Any]) -> bytes:
        """Return a picture that a run put out.

        Raises
        ------
        BackendError
            As ``get``.
        """
        query = urllib.parse.urlencode({key: picture.get(key, "") for key in ("filename", "subfolder", "type")})
        return self._send(urllib.request.Request(f"{self.url}/view?{query}"))

    def run(self, graph: Mapping[str, Any], *, progress: Steps | None = None) -> Mapping[str, Any]:
        """Run a graph; return what each node put out. Whatever stops us stops the server's run too.

        Raises
        ------
        BackendError
            The graph is refused, a node fails, the run is stopped at the server, or the server is lost.
        """
        queued = ""
        try:
            with ExitStack() as held:
                socket = held.enter_context(self._listen())
                said = self.post("/prompt", {"prompt": graph, "client_id": self._client})
                queued = str(said["prompt_id"])
                lost = 0
                while True:
                    try:
                        if self._hear(socket, queued, progress):
                            break
                    except (WebSocketException, ConnectionError, EOFError) as error:
                        if self._past(queued) is not None:
                            break
                        lost += 1
                        if lost > _RECONNECTS:
                            raise BackendError(f"the server {self.url} was lost", fix="see its own log") from error
                        socket = held.enter_context(self._listen())
            return self._outputs(queued)
        except BaseException:
            self._stop(queued)
            raise

    def _hear(self, socket: ClientConnection, queued: str, progress: Steps | None) -> bool:
        """Take in one message; return whether the run is over."""
        try:
            message = socket.recv(timeout=_SILENCE_S)
        except TimeoutError:
            return self._past(queued) is not None
        if isinstance(message, bytes):  # a preview
            return False
        said = json.loads(message)
        kind, data = said.get("type"), said.get("data") or {}
        if data.get("prompt_id", queued) != queued:
            return False
        if kind == "progress" and progress is not None:
            progress(int(data["value"]), int(data["max"]))
        if kind == "execution_error":
            raise BackendError(
                f"the server's node {data.get('node_type')} failed: {data.get('exception_message')}",
                fix="see the server's own log; less memory: [clip] width or frames",
            )
        if kind == "execution_interrupted":
            raise BackendError("the run was stopped at the server", fix="run it again")
        over = kind == "execution_success" or (kind == "executing" and data.get("node") is None and "prompt_id" in data)
        return bool(over)

    def _outputs(self, queued: str) -> Mapping[str, Any]:
        past = self._past(queued)
        if past is None:
            raise BackendError("the server's history does not know the run", fix="run it again")
        status = past.get("status") or {}
        if status.get("status_str") == "error":
            said = [m[1] for m in status.get("messages", []) if m[0] == "execution_error"]
            why = said[0].get("exception_message", "") if said else "it does not say why"
            raise BackendError(f"the server's run failed: {why}", fix="see the server's own log")
        outputs: Mapping[str, Any] = past.get("outputs") or {}
        return outputs

    def _past(self, queued: str) -> dict[str, Any] | None:
        found = self.get(f"/history/{queued}").get(queued)
        return dict(found) if found else None

    def _stop(self, queued: str) -> None:
        """Take a run out of the queue and stop it where it is at work; what cannot be reached is left alone."""
        if not queued:
            return
        for path, body in (("/queue", {"delete": [queued]}), ("/interrupt", {"prompt_id": queued})):
            try:
                self.post(path, body)
            except BackendError:
                return

    @contextmanager
    def _listen(self) -> Iterator[ClientConnection]:
        address = f"ws{self.url.removeprefix('http')}/ws?clientId={self._client}"
        with ExitStack() as held:
            try:
                opened = connect(address, open_timeout=_TIMEOUT_S, close_timeout=1, max_size=None, proxy=None)
                socket = held.enter_context(opened)
            except (OSError, WebSocketException) as error:
                raise self._unreached(error) from error
            yield socket

    def _send(self, request: urllib.request.Request) -> bytes:
        try:
            with _NO_PROXY.open(request, timeout=_TIMEOUT_S) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            raise BackendError(
                f"the server refuses {urllib.parse.urlsplit(request.full_url).path}: {_refusal(error)}",
                fix="open the graph file in ComfyUI and see what it marks",
            ) from error
        except OSError as error:
            raise self._unreached(error) from error

    def _json(self, answer: bytes, path: str) -> Any:
        try:
            return json.loads(answer)
        except ValueError as error:
            raise BackendError(
                f"{self.url}{path} does not answer as ComfyUI does", fix="check [clip] server"
            ) from error

    def _unreached(self, error: Exception) -> BackendError:
        why = getattr(error, "reason", error)
        return BackendError(
            f"no ComfyUI server is reached at {self.url}: {why}", fix="start it, or mend [clip] server in shot.toml"
        )


def _refusal(error: urllib.error.HTTPError) -> str:
    """Return what a refused graph's answer says, node by node."""
    try:
        said = json.loads(error.read())
        first = said["error"]["message"] if isinstance(said["error"], dict) else said["error"]
        nodes = [
            f"{node.get('class_type')}: {fault.get('message')} {fault.get('details', '')}".strip()
            for node in dict(said.get("node_errors") or {}).values()
            for fault in node.get("errors", [])
        ]
        return "; ".join([str(first), *nodes])
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"{error.code} {error.reason}"
