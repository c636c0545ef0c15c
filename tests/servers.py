"""Real HTTP servers on loopback that keep the requests they get and can misbehave as services do."""

import contextlib
import importlib.util
import json
import re
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """One request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def parts(self) -> dict[str, bytes]:
        """Return the parts of a multipart body by name."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + self.body)
        return {part.get_param("name", header="content-disposition"): part.get_content() for part in message.walk()
                if part.get_param("name", header="content-disposition")}  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """One answer, and how it goes wrong: `cut` hangs up before the body's end, `pause_seconds` is between two bytes."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    pause_seconds: float = 0.0
    slow_headers: bool = False

    def to_bytes(self) -> tuple[bytes, bytes]:
        """Return the head and the body."""
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        length = len(body) + (100 if self.cut else 0)
        lines = [f"HTTP/1.1 {self.status} Answer", f"Content-Length: {length}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode(), body


@dataclass(frozen=True)
class Hang:
    """Say nothing until the server closes."""


@dataclass(frozen=True)
class HangUp:
    """Reset the connection without a word."""


@dataclass(frozen=True)
class Garbage:
    """Answer with something that is not HTTP."""

    body: bytes = b"\x00\xff these are not the bytes you want\r\n\r\n"


Step = Answer | Hang | HangUp | Garbage | Callable[[Request], Answer]


class Recorder:
    """A server that keeps its `requests` and answers with each step in turn; the last one stays.

    Used as a context manager; `url` then leads to it.
    """

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps) or [Answer()]
        self.requests: list[Request] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Recorder":
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def _handler(recorder) -> type[BaseHTTPRequestHandler]:  # noqa: N805  the handler's own self comes below
        class Handler(BaseHTTPRequestHandler):
            def handle_one_request(self) -> None:
                self.raw_requestline = self.rfile.readline(65_537)
                self.close_connection = True
                if self.raw_requestline and self.parse_request():
                    recorder._answer(recorder._keep(self), self)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def _keep(self, handler: BaseHTTPRequestHandler) -> Request:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        parts = urlsplit(handler.path)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.command, parts.path, parse_qs(parts.query), headers, body)
        with self._lock:
            self.requests.append(request)
        return request

    def _answer(self, request: Request, handler: BaseHTTPRequestHandler) -> None:
        with self._lock:
            step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        step = step(request) if callable(step) else step
        with contextlib.suppress(OSError):  # the client has left
            self._play(step, handler)

    def _play(self, step: Answer | Hang | HangUp | Garbage, handler: BaseHTTPRequestHandler) -> None:
        if isinstance(step, Hang):
            self._closing.wait(30)
        elif isinstance(step, HangUp):
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            handler.connection.close()
        elif isinstance(step, Garbage):
            handler.wfile.write(step.body)
        else:
            head, body = step.to_bytes()
            self._write(handler, head, step.pause_seconds if step.slow_headers else 0)
            self._write(handler, body, step.pause_seconds)

    def _write(self, handler: BaseHTTPRequestHandler, data: bytes, pause_seconds: float) -> None:
        if not pause_seconds:
            handler.wfile.write(data)
            return
        for byte in data:
            handler.wfile.write(bytes([byte]))
            if self._closing.wait(pause_seconds):
                return


class Port:
    """A server on a bare TCP port: it reads what arrives, says the pieces that `say` gives, and then nothing.

    `say` gets what arrived first. Used as a context manager; `pieces` and `sent` count the pieces and bytes that were
    taken, and `gave_up` says whether a client waited until the server had enough.
    """

    def __init__(
        self, say: Callable[[bytes], Iterable[bytes]], pause_seconds: float = 0.0, greeting: bytes = b""
    ) -> None:
        self.say, self.pause_seconds, self.greeting = say, pause_seconds, greeting
        self.heard: list[bytes] = []
        self.sent = self.pieces = 0
        self.gave_up = False
        self._closing = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> "Port":
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._closing.set()
        self._socket.shutdown(socket.SHUT_RDWR)  # a thread that waits in accept() would go on with the next socket
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # it was closed
            while True:
                threading.Thread(target=self._answer, args=(self._socket.accept()[0],), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):  # the client has left
            connection.sendall(self.greeting)
            heard = connection.recv(65_536)
            self.heard.append(heard)
            for piece in self.say(heard):
                connection.sendall(piece)
                self.sent += len(piece)
                self.pieces += 1
                if self._closing.wait(self.pause_seconds) if self.pause_seconds else self._closing.is_set():
                    return
            self.gave_up = not self._closing.wait(30)


class Issues:
    """As much of GitHub's issues as the channel uses; give `answer` to a Recorder."""

    def __init__(self) -> None:
        self.issues: list[dict[str, Any]] = []
        self.comments: dict[int, list[str]] = {}

    def answer(self, request: Request) -> Answer:
        """Do what the request asks."""
        path = re.sub(r"^/repos/owner/repo", "", request.path)
        if path == "/issues" and request.method == "POST":
            return self.open(request.json())
        if path == "/issues":
            return Answer(200, self._listed(request))
        number = int(path.split("/")[2])
        if number > len(self.issues):
            return Answer(404, {"message": "Not Found"})
        if path.endswith("/comments"):
            return self._comment(number, request)
        if request.method == "PATCH":
            self.issues[number - 1] |= request.json()
        return Answer(200, self.issues[number - 1])

    def open(self, told: dict[str, Any]) -> Answer:
        """Keep a new issue."""
        number = len(self.issues) + 1
        self.issues.append(told | {"number": number, "state": "open"})
        self.comments[number] = []
        return Answer(201, self.issues[-1])

    def _listed(self, request: Request) -> list[dict[str, Any]]:
        label, page = request.query["labels"][0], int(request.query["page"][0])
        found = [issue for issue in self.issues if issue["state"] == "open" and label in issue["labels"]]
        return found[(page - 1) * 100 : page * 100]

    def _comment(self, number: int, request: Request) -> Answer:
        if request.method == "POST":
            self.comments[number].append(request.json()["body"])
            return Answer(201, {"id": 1})
        page = int(request.query["page"][0])
        return Answer(200, [{"body": body} for body in self.comments[number]][(page - 1) * 100 : page * 100])


class Lambda:
    """AWS Lambda's Invoke: runs the handler in the docs with the payload; unknown functions are refused as AWS does."""

    def __init__(self, handler: Path, name: str = "retrain", denied: str = "locked") -> None:
        spec = importlib.util.spec_from_file_location("lambda_handler", handler)
        self.module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)
        self.name, self.denied, self.returned = name, denied, []

    def answer(self, request: Request) -> Answer:
        """Answer as AWS answers an asynchronous call."""
        name = re.fullmatch(r"/2015-03-31/functions/([^/]+)/invocations", request.path)[1]
        if name == self.denied:
            text = "User: arn:aws:sts::123456789012:assumed-role/x is not authorized to perform: lambda:InvokeFunction"
            return self._error(403, "AccessDeniedException", {"Message": text})
        if name != self.name:
            text = f"Function not found: arn:aws:lambda:us-east-1:123456789012:function:{name}"
            return self._error(404, "ResourceNotFoundException", {"Type": "User", "Message": text})
        assert request.headers["x-amz-invocation-type"] == "Event"
        self.returned.append(self.module.handler(request.json(), None))
        return Answer(202, b"", {"x-amzn-RequestId": "c1b0"})

    def _error(self, status: int, kind: str, body: dict[str, str]) -> Answer:
        return Answer(status, body, {"x-amzn-ErrorType": kind, "x-amzn-RequestId": "c1b1"})
