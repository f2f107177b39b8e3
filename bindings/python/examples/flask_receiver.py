"""A webhook receiver in Flask: `pip install flask openclaw`, then `flask --app flask_receiver run --port 8000`."""

from __future__ import annotations

import os

from flask import Flask, request  # type: ignore[import-not-found]

from openclaw import Webhook, WebhookVerificationError
from openclaw.types import MessageEvent

app = Flask(__name__)
webhook = Webhook(os.environ["WEBHOOK_SECRET"])
handled: set[str] = set()  # A real receiver keeps these where a restart does not lose them.


@app.post("/webhooks/openclaw/message")  # type: ignore[misc, untyped-decorator]
def receive() -> tuple[str, int]:
    try:
        event = webhook.verify(request.get_data(), request.headers)
    except WebhookVerificationError as error:
        return error.code, 400
    if event.id not in handled and isinstance(event.data, MessageEvent):
        print(event.data.session_id, event.data.content)
    handled.add(event.id)
    return "", 204
