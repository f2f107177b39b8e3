"""A service desk: customers write in a page, a model answers, and a person takes over what a model should not decide.

    OPENCLAW_API_KEY=oc_api_sk_… WEBHOOK_SECRET=… python desk.py 8088
"""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from openclaw import OpenClawClient, OpenClawError, Webhook, WebhookVerificationError
from openclaw.types import AgentDecision

from board import Board

BODY_BYTES_MAX = 1024 * 1024
SESSION = "desk"
PATIENCE_SECONDS = 3600  # How long a person may take.
SYSTEM = "You answer customers of a stationery shop, in their language, in two sentences at most."
INSTRUCTIONS = """A customer of a stationery shop asked for a person. Ask the colleague on duty with ask_user what to do, then note
the decision with file_write in handed-over.md, then write the customer one friendly sentence with the decision."""
ECHO_SCRIPT = (
    '[[tool ask_user {"question": "What do we answer?"}]]'
    ' [[then]] [[tool file_write {"path": "handed-over.md", "content": "{{result.1}}"}]]'
    " [[then]] A colleague has looked at it: {{result.1}}"
)

client = OpenClawClient()
webhook = Webhook(os.environ["WEBHOOK_SECRET"])
board = Board()


def say(text: str) -> None:
    """Let the model answer. What becomes of it is told by webhooks."""
    try:
        client.chat.send(session_id=SESSION, message=text, channel="desk", user={"id": "customer"}, context={"system": SYSTEM})
    except OpenClawError as error:
        board.fail(text, str(error))


def hand_over(text: str) -> None:
    """Let an agent ask a person, and answer by that."""
    is_echo = os.environ.get("OPENCLAW_MODEL", "echo") == "echo"
    try:
        client.agents.spawn(
            task=ECHO_SCRIPT if is_echo else f"The customer wrote: {text}",
            instructions=INSTRUCTIONS,
            skills=["ask_user", "file_write"],
            session_id=SESSION,
            timeout=PATIENCE_SECONDS,
            metadata={"text": text},
        )
    except OpenClawError as error:
        board.fail(text, str(error))


def decide(agent_id: str, action_id: str, decision: AgentDecision | None, message: str | None) -> None:
    """Tell an agent what a person said."""
    client.agents.input(agent_id, action_id=action_id, decision=decision, message=message)
    board.answered(agent_id, action_id)


class Desk(BaseHTTPRequestHandler):
    """The page, its stream of cards, what is done in it, and the receiver of webhooks."""

    def do_GET(self) -> None:
        if self.path == "/cards":
            return self.cards()
        if self.path != "/":
            return self.answer(404)
        self.answer(200, Path(__file__).with_name("page.html").read_bytes(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        if length > BODY_BYTES_MAX:
            return self.answer(413)
        body = self.rfile.read(length)
        if self.path == "/webhooks/openclaw":
            return self.answer(receive(body, dict(self.headers)))
        # A page of another site cannot send this type without being asked first, and is then told no.
        if self.headers.get("content-type") != "application/json":
            return self.answer(415)
        try:
            self.act(json.loads(body))
        except (ValueError, KeyError):
            return self.answer(400)
        except OpenClawError as error:
            return self.answer(409, str(error).encode())

    def act(self, asked: dict[str, Any]) -> None:
        """Do what was done in the page."""
        if self.path == "/say":
            text = asked["text"]
            self.answer(202)
            say(text)
        elif self.path == "/hand-over":
            text = asked["text"]
            self.answer(202)
            hand_over(text)
        elif self.path == "/decide":
            decide(asked["agent_id"], asked["action_id"], asked.get("decision"), asked.get("message"))
            self.answer(204)
        else:
            self.answer(404)

    def cards(self) -> None:
        """Follow the board as server-sent events."""
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("cache-control", "no-store")
        self.end_headers()
        try:
            for card in board.follow():
                self.wfile.write(f"data: {json.dumps(card)}\n\n".encode() if card else b": still here\n\n")
        except OSError:
            pass  # The page was closed.

    def answer(self, status: int, body: bytes = b"", content_type: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing for each request."""


def receive(body: bytes, headers: dict[str, str]) -> int:
    """Take a webhook; gives the status to answer with."""
    try:
        board.take(webhook.verify(body, headers))
    except WebhookVerificationError as error:
        print("refused:", error.code, file=sys.stderr, flush=True)
        return 400
    return 204


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Desk)
    server.daemon_threads = True
    print(f"The desk is open: http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
