"""The programs in `examples/` do what they say."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from conftest import KEY, Gateway
from openclaw import OpenClawClient

EXAMPLES = Path(__file__).parents[1] / "examples"
SECRET = "a secret of at least 24 bytes"


def test_the_webhook_receiver(client: OpenClawClient) -> None:
    command = [sys.executable, EXAMPLES / "webhook_receiver.py", "0"]
    environment = {**os.environ, "WEBHOOK_SECRET": SECRET}
    receiver = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert receiver.stdout is not None
        port = receiver.stdout.readline().split()[-1]
        url = f"http://127.0.0.1:{port}/"
        made = client.webhooks.endpoints.create(url=url, events=["message.received"], secret=SECRET)
        client.chat.send(session_id="example", message="hear this")
        assert receiver.stdout.readline() == "message.received in example: hear this\n"
        client.webhooks.endpoints.delete(made.endpoint.id)
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(urllib.request.Request(url, data=b"{}"))
        assert receiver.stdout.readline() == "refused: missing_header\n"
    finally:
        receiver.kill()
        receiver.wait()


def test_parallel_agents(gateway: Gateway) -> None:
    environment = {**os.environ, "OPENCLAW_BASE_URL": gateway.url, "OPENCLAW_API_KEY": KEY}
    command = [sys.executable, EXAMPLES / "parallel_agents.py", "webhooks"]
    out = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert out.stdout.splitlines() == [f"- {part} webhooks" for part in ("Search for", "Analyse", "Write a report on")]
