"""A webhook receiver with nothing but Python's own server; in Flask or FastAPI `receive` is the same.

    WEBHOOK_SECRET=… python webhook_receiver.py 8000
"""

from __future__ import annotations

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Mapping

from openclaw import Webhook, WebhookVerificationError
from openclaw.types import MessageEvent

webhook = Webhook(os.environ["WEBHOOK_SECRET"])
handled: set[str] = set()  # A real receiver keeps these where a restart does not lose them.


def receive(body: bytes, headers: Mapping[str, str]) -> int:
    """Handle a request: its raw body and its headers. Gives the status to answer with."""
    try:
        event = webhook.verify(body, headers)
    except WebhookVerificationError as error:
        print("refused:", error.code, flush=True)
        return 400
    if event.id not in handled and isinstance(event.data, MessageEvent):
        handled.add(event.id)
        print(f"{event.event} in {event.data.session_id}: {event.data.content}", flush=True)
    return 204


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(receive(body, dict(self.headers)))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing for each request."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    print("listening on", server.server_port, flush=True)
    server.serve_forever()
