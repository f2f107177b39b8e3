"""What the tests need: the real gateway with its model `echo`, and a server that says what it is told to."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest

from openclaw import OpenClawClient

ROOT = Path(__file__).parents[3]
GATEWAY = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "openclaw"
KEY = "oc_api_sk_of_these_tests"
CONFIG = f"""
gateway: {{api: {{port: 0, auth: {{secret: {KEY}}}, rate_limit: {{requests_per_minute: 0}}}}}}
providers: {{pretend: {{type: echo, models: [claude-3-5-sonnet, gpt-4o]}}}}
outbound: {{allow: [127.0.0.0/8]}}
logging: {{level: warn}}
"""


@dataclass
class Gateway:
    url: str
    process: subprocess.Popen[str]

    @property
    def client(self) -> OpenClawClient:
        return OpenClawClient(self.url, KEY, proxy="")

    def turns_running(self) -> int:
        with self.client as client:
            return client.status.get().turns_running

    def becomes_idle(self, seconds: float = 5) -> bool:
        """Whether no turn is being answered any more."""
        return eventually(lambda: self.turns_running() == 0, seconds)


def eventually(holds: Callable[[], bool], seconds: float = 5) -> bool:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@contextmanager
def running_gateway(folder: Path, port: int | None = None) -> Iterator[Gateway]:
    config = folder / "config.yaml"
    config.write_text(CONFIG if port is None else CONFIG.replace("port: 0", f"port: {port}"))
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("OPENCLAW_")},
        "HOME": str(folder),
        "OPENCLAW_HOME": str(folder),
        "OPENCLAW_CONFIG": str(config),
    }
    process = subprocess.Popen([GATEWAY, "serve"], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    url = next(word for word in line.split() if word.startswith("http://"))
    threading.Thread(target=process.stdout.read, daemon=True).start()
    try:
        yield Gateway(url, process)
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(tmp_path_factory.mktemp("gateway")) as running:
        yield running


@pytest.fixture
def client(gateway: Gateway) -> Iterator[OpenClawClient]:
    with gateway.client as client:
        yield client


@dataclass
class StandIn:
    """A server that gives each request the next answer: (status, headers, body)."""

    url: str
    answers: list[tuple[int, dict[str, str], str]]
    seen: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)

    @property
    def client(self) -> OpenClawClient:
        return OpenClawClient(self.url, KEY, proxy="")

    def answer(self, body: Any = None, status: int = 200, **headers: str) -> None:
        text = body if isinstance(body, str) else json.dumps(body)
        self.answers.append((status, {name.replace("_", "-"): value for name, value in headers.items()}, text))


@pytest.fixture
def standin() -> Iterator[StandIn]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.seen.append((self.command, self.path, headers, body))
            status, extra, text = told.answers.pop(0)
            self.send_response(status)
            self.send_header("x-request-id", "req_standin")
            for name, value in extra.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PATCH = do_DELETE = _answer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = StandIn(f"http://127.0.0.1:{server.server_port}", [])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()
