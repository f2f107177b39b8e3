"""Send, stream, spawn, verify: the tour of the Python SDK.

    OPENCLAW_API_KEY=oc_api_sk_… python tour.py
"""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from threading import Thread
from typing import Mapping

from openclaw import OpenClawClient, Webhook, WebhookVerificationError

EVENTS = ["message.received", "message.sent", "agent.completed"]
EVENTS_OF_THE_TOUR = 5  # Two messages, both received and answered, and one agent.
PATIENCE_SECONDS = 60

requests: Queue[tuple[bytes, Mapping[str, str]]] = Queue()


class Receiver(BaseHTTPRequestHandler):
    """Takes what the gateway tells; it is checked at the end of the tour."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        requests.put((body, dict(self.headers)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing for each request."""


def main() -> None:
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=receiver.serve_forever, daemon=True).start()
    client = OpenClawClient()
    created = client.webhooks.endpoints.create(url=f"http://127.0.0.1:{receiver.server_port}/hook", events=EVENTS)

    reply = client.chat.send(session_id="tour", message="Hello from the tour")
    print("send   ", reply.content)

    pieces = []
    with client.chat.stream(session_id="tour", message="one two three") as stream:
        for chunk in stream:
            pieces.append(chunk.content)
    print("stream ", "|".join(piece for piece in pieces if piece))

    agent = client.agents.spawn(task="Count the planets", timeout=120)
    result = agent.wait_for_completion().raise_for_status()
    print("spawn  ", f"{result.status}: {result.output}")

    assert created.secret is not None  # Only a chat robot has none.
    for name in verified(Webhook(created.secret)):
        print("verify ", name)
    client.webhooks.endpoints.delete(created.endpoint.id)


def verified(webhook: Webhook) -> list[str]:
    """The names of the events that arrived, each checked, and what became of one that was changed on its way."""
    names: dict[str, str] = {}  # By id: an event may come twice.
    while len(names) < EVENTS_OF_THE_TOUR:
        body, headers = requests.get(timeout=PATIENCE_SECONDS)
        event = webhook.verify(body, headers)
        names[event.id] = event.event
    try:
        webhook.verify(body + b" ", headers)
    except WebhookVerificationError:
        return [*sorted(names.values()), "a changed body is refused"]
    raise AssertionError("a changed body was believed")


if __name__ == "__main__":
    main()
