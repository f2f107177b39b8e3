"""Checked by mypy --strict and pyright, never run: what the clients let a user write, and what they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Optional

import openclaw
from openclaw import AsyncOpenClawClient, OpenClawClient, Webhook, types


def sync(client: OpenClawClient) -> str:
    reply: types.ChatResponse = client.chat.send(
        session_id="user_123", message="hi", context={"model": "echo", "temperature": 0.7}, timeout=5, max_retries=0
    )
    with client.chat.stream(message="hi") as stream:
        texts: list[str] = [chunk.content for chunk in stream]
        final: types.ChatResponse = stream.get_final_response()
    pieces: Iterator[str] = stream.text_stream
    page: openclaw.Page[types.Session] = client.sessions.list(limit=5)
    titles: list[Optional[str]] = [session.title for session in page]
    created: types.CreatedKey = client.keys.create(name="x", scopes=["chat"], idempotency_key="k")
    for event in client.events.stream(events=["agent.*"]):
        if isinstance(event.data, types.AgentEvent):
            return event.data.agent_id
    return reply.content + "".join([*texts, *pieces]) + final.content + str(titles) + created.secret


def agents(client: OpenClawClient) -> Optional[str]:
    agent: openclaw.Agent = client.agents.spawn(task="x", timeout=300, budget={"max_steps": 5}, request_timeout=10)
    result: openclaw.Agent = agent.wait_for_completion(timeout=60)
    steps: list[int] = [step.number for step in result.steps()]
    try:
        client.with_options(max_retries=5).agents.cancel("agt_1")
    except openclaw.AgentFailedError:
        return None
    except openclaw.RateLimitError as error:
        status: int = error.status_code
        return f"{status} {error.retry_after} {steps}"
    return result.output


def answered(client: OpenClawClient) -> str:
    raw: openclaw.RawResponse[types.ChatResponse] = client.chat.with_raw_response.send(message="hi", timeout=5)
    reply: types.ChatResponse = raw.parse()
    page: openclaw.Page[types.Session] = client.sessions.with_raw_response.list(limit=5).parse()
    texts: list[str] = [chunk.content for chunk in client.chat.with_raw_response.stream(message="hi").parse()]
    name: str = client.channels.send("wechat", chat_id="room-7", message="hi", user={"id": "wx_1"}).session_id
    client.chat.with_raw_response.send(message=1)  # type: ignore[arg-type]
    return reply.content + raw.headers["date"] + raw.text + name + str(page.next) + "".join(texts)


async def awaited(client: AsyncOpenClawClient) -> str:
    reply: types.ChatResponse = await client.chat.send(message="hi")
    async with client.chat.stream(message="hi") as stream:
        texts: list[str] = [chunk.content async for chunk in stream]
    again: openclaw.AsyncChatStream = await client.chat.stream(message="hi")
    final: types.ChatResponse = await again.get_final_response()
    page: openclaw.AsyncPage[types.Key] = await client.keys.list()
    names: list[str] = [key.name async for key in client.keys.list()]
    agent: openclaw.AsyncAgent = await client.agents.get("agt_1", wait=10)
    await (await agent.refresh()).cancel()
    raw: openclaw.RawResponse[openclaw.AsyncPage[types.Key]] = await client.keys.with_raw_response.list()
    kept: openclaw.RawResponse[openclaw.AsyncChatStream] = await client.chat.with_raw_response.stream(message="hi")
    async for chunk in kept.parse():
        names.append(f"{chunk.content} {raw.request_id}")
    return reply.content + final.content + "".join(texts + names) + str(page.has_more)


def received(webhook: Webhook, body: bytes, headers: dict[str, str]) -> str:
    event: types.WebhookEvent = webhook.verify(body, headers)
    return event.id


def refused(client: OpenClawClient) -> None:
    client.chat.send("hi")  # type: ignore[call-arg]
    client.chat.send(message=1)  # type: ignore[arg-type]
    client.chat.send(message="x", time_out=1)  # type: ignore[call-arg]
    client.chat.send(message="x", context={"modle": "echo"})  # type: ignore[arg-type]
    client.agents.spawn(task="x", timeout="5")  # type: ignore[arg-type]
    client.chat.send(message="x").contents  # type: ignore[attr-defined]
