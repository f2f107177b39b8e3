"""The log: what the logger `openclaw` is told, and that it costs nothing while nobody listens."""

from __future__ import annotations

import asyncio
import logging
import os
import subprocess
import sys
import time

import pytest

import openclaw
from conftest import KEY, Gateway, StandIn
from openclaw import AsyncOpenClawClient

SECRET = "what was said in private"


def test_each_request_is_told_and_nothing_that_was_said(standin: StandIn, caplog: pytest.LogCaptureFixture) -> None:
    standin.answer({"error": {"type": "overloaded_error", "code": "busy", "message": SECRET}}, 503, retry_after="0")
    standin.answer({"content": SECRET})
    begun = time.time()
    with caplog.at_level("INFO", "openclaw"):
        standin.client.chat.send(message=SECRET, extra_headers={"x-secret": SECRET})
    failed, again, done = caplog.records
    assert failed.getMessage().startswith("POST /api/v1/chat: 503 busy in ")
    assert again.getMessage() == "POST /api/v1/chat: to be tried again in 0 ms, attempt 1"
    told = vars(done)
    assert (done.levelname, done.name, told["method"], told["path"]) == ("INFO", "openclaw", "POST", "/api/v1/chat")
    assert (told["status"], told["attempt"], told["request_id"]) == (200, 2, "req_standin")
    assert abs(done.created - begun) < 60 and told["duration_ms"] >= 0
    assert SECRET not in caplog.text and KEY not in caplog.text


def test_levels_may_change_at_any_time(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    with gateway.client as client:
        client.status.get()
        assert caplog.records == []
        with caplog.at_level("DEBUG", "openclaw"):
            list(client.chat.stream(message="one two"))
            with pytest.raises(openclaw.NotFoundError):
                client.sessions.get("nobody%s")
        client.status.get()
    messages = [record.getMessage() for record in caplog.records]
    assert [record.levelname for record in caplog.records] == ["DEBUG", "INFO", "DEBUG", "INFO"]
    assert messages[0] == "POST /api/v1/chat: sent, attempt 1"
    assert messages[3].startswith("GET /api/v1/sessions/nobody%25s: 404 session_not_found in ")


def test_awaited_calls_and_those_that_are_given_up(gateway: Gateway, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        async with AsyncOpenClawClient(gateway.url, KEY, proxy="") as client:
            call = asyncio.ensure_future(client.chat.send(message="[[echo delay_ms=60000]] x"))
            await asyncio.sleep(0.3)
            call.cancel()
            await asyncio.wait([call])
            await asyncio.sleep(0.1)
            await client.status.get()

    with caplog.at_level("INFO", "openclaw"):
        asyncio.run(main())
    given_up, done = (record.getMessage() for record in caplog.records)
    assert given_up.startswith("POST /api/v1/chat: given up after ")
    assert done.startswith("GET /api/v1/status: 200 in ")


@pytest.mark.parametrize(("variable", "lines"), [("debug", 2), ("info", 1), ("", 0)])
def test_the_environment_turns_it_on(gateway: Gateway, variable: str, lines: int) -> None:
    program = "import sys; from openclaw import OpenClawClient; OpenClawClient(*sys.argv[1:], proxy='').status.get()"
    environment = {**os.environ, "OPENCLAW_LOG": variable}
    command = [sys.executable, "-c", program, gateway.url, KEY]
    out = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert len(out.stderr.splitlines()) == lines, out.stderr
    if lines:
        last = out.stderr.splitlines()[-1]
        assert " openclaw INFO] GET /api/v1/status: 200 in " in last and "attempt 1, req_" in last


def test_a_program_that_logs_nothing_does_not_load_logging(gateway: Gateway) -> None:
    program = (
        "import sys; from openclaw import OpenClawClient; OpenClawClient(*sys.argv[1:], proxy='').status.get();"
        "print('logging' in sys.modules)"
    )
    environment = {name: value for name, value in os.environ.items() if name != "OPENCLAW_LOG"}
    command = [sys.executable, "-c", program, gateway.url, KEY]
    assert subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout == "False\n"
    assert logging.getLogger("openclaw").handlers == []
