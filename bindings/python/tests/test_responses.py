"""What an answer told beside its body: `with_raw_response`, for every call."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
from typing import Any, Iterator

import pytest

import openclaw
from conftest import KEY, ROOT, Gateway, StandIn
from openclaw import AsyncOpenClawClient, OpenClawClient

REPLY = {"id": "msg_1", "content": "你好", "usage": {"input_tokens": 12345678901234567890}}


def test_a_reply_comes_with_what_its_answer_told(standin: StandIn) -> None:
    text = json.dumps(REPLY, ensure_ascii=False, indent=1)
    standin.answer("", 503, retry_after="0")
    standin.answer(text, x_many="one", X_Many_Too="two")
    raw = standin.client.chat.with_raw_response.send(message="hi")
    assert (raw.status_code, raw.request_id, raw.retries_taken) == (200, "req_standin", 1)
    assert (raw.headers["X-Many"], raw.headers.get("x-many-too"), raw.headers.get("none")) == ("one", "two", None)
    assert "x-many" in dict(raw.headers) and len(raw.headers) >= 3
    assert (raw.text, raw.content, raw.json()) == (text, text.encode(), REPLY)
    reply = raw.parse()
    assert isinstance(reply, openclaw.types.ChatResponse) and reply.content == "你好"
    assert (reply._request_id, repr(raw)) == ("req_standin", "<RawResponse 200 req_standin>")


def test_pages_streams_handles_and_calls_without_a_reply(gateway: Gateway, client: OpenClawClient) -> None:
    raw = client.chat.with_raw_response.stream(message="one two")
    assert raw.headers["content-type"].startswith("text/event-stream") and raw.content == b""
    with raw.parse() as stream:
        assert "".join(stream.text_stream) == "one two"
    assert raw.request_id == stream.request_id
    session = stream.get_final_response().session_id
    page = client.sessions.with_raw_response.list(limit=1)
    assert page.json()["data"][0]["id"] == page.parse().data[0].id
    assert page.request_id == page.parse()._request_id
    assert len(list(page.parse())) >= 1
    gone = client.sessions.with_raw_response.delete(session)
    assert (gone.status_code, gone.text, gone.parse()) == (204, "", None)
    agent = client.agents.with_raw_response.spawn(task="hi").parse()
    ended = client.agents.with_raw_response.wait_for_completion(agent.id)
    assert ended.parse().status == "completed" and ended.json()["status"] == "completed"
    with pytest.raises(openclaw.NotFoundError):
        client.sessions.with_raw_response.get("nobody")


def test_awaited_ones_too(gateway: Gateway) -> None:
    async def main() -> None:
        async with AsyncOpenClawClient(gateway.url, KEY, proxy="") as client:
            raw = await client.chat.with_raw_response.send(message="hi")
            assert raw.parse().content == "hi" and raw.request_id == raw.parse()._request_id
            page = await client.sessions.with_raw_response.list(limit=1)
            assert page.parse().has_more == page.json()["has_more"]
            stream = await client.chat.with_raw_response.stream(message="one two")
            assert [chunk.content async for chunk in stream.parse()] == ["one ", "two"]
            assert stream.status_code == 200

    asyncio.run(main())


def resources(client: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every noun of a client with its path."""
    for name in sorted(vars(type(client))):
        if name.startswith("_") or name == "with_raw_response" or inspect.isfunction(vars(type(client))[name]):
            continue
        noun = getattr(client, name)
        yield path + name, noun
        yield from resources(noun, f"{path}{name}.")


@pytest.mark.parametrize("kind", [OpenClawClient, AsyncOpenClawClient])
def test_every_call_has_its_raw_one(kind: Any) -> None:
    nouns = {path: noun for path, noun in resources(kind(api_key="x")) if hasattr(noun, "with_raw_response")}
    assert {"chat", "channels", "usage", "webhooks.deliveries"} < nouns.keys()
    for path, noun in nouns.items():
        calls = {name for name, _ in inspect.getmembers(type(noun), inspect.isfunction) if not name.startswith("_")}
        assert calls == vars(noun.with_raw_response).keys(), path


def test_every_argument_of_the_api_has_its_keyword() -> None:
    document = json.loads((ROOT / "openapi/openapi.json").read_text())
    table = (ROOT / "crates/client-ffi/src/operation.rs").read_text()
    calls = re.findall(r'Operation::new\("([\w.]+)", (\w+), "([^"]+)"\)', table)
    assert len(calls) > 40
    nouns = dict(resources(OpenClawClient(api_key="x")))
    for call, verb, route in calls:
        paths = [path for path in document["paths"] if path.replace("{name}", "{id}") == f"/api/v1{route}"]
        operation = document["paths"][paths[0]][verb.lower()]
        wanted = {it["name"] for it in operation.get("parameters", []) if it["in"] == "query"}
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        if "$ref" in body:
            wanted |= document["components"]["schemas"][body["$ref"].rpartition("/")[2]]["properties"].keys()
        if call == "agents.wait_for_completion":
            wanted = {"timeout"}  # It asks as often as it takes.
        noun, _, name = call.rpartition(".")
        taken = inspect.signature(getattr(nouns[noun], name)).parameters.keys()
        wanted -= {"stream"}  # Which method is called decides.
        assert wanted <= taken, f"`{call}` does not take {sorted(wanted - taken)}"
        assert ("{id}" in route) == ("id" in taken), call
