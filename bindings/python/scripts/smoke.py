"""Tries an installed package where nothing else is: it loads, calls over loopback both ways, and checks a webhook."""

from __future__ import annotations

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import openclaw


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps({"id": "msg_1", "content": "hello"}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
settings: dict[str, Any] = {"base_url": f"http://127.0.0.1:{server.server_port}", "api_key": "oc_api_sk_xxx"}

with openclaw.OpenClawClient(**settings) as client:
    assert client.chat.send(message="hi").content == "hello"


async def main() -> None:
    async with openclaw.AsyncOpenClawClient(**settings) as client:
        assert (await client.chat.send(message="hi")).content == "hello"


asyncio.run(main())
assert not openclaw.verify_webhook("{}", "sha256=00", "secret")
openclaw.OpenClawClient("https://localhost", "oc_api_sk_xxx")
print(f"openclaw {openclaw.__version__} works")
