"""Checked by mypy --strict and pyright, never run: what the types let a user write, and what they refuse."""

from __future__ import annotations

from typing import Optional

from openclaw.types import (
    AgentEvent,
    ChatContextParam,
    ChatResponse,
    FinishReason,
    MessageEvent,
    Session,
    UserParam,
    WebhookEvent,
)


def read(reply: ChatResponse) -> int:
    known: FinishReason = "stop"
    newer: FinishReason = "some_newer_reason"
    text: str = reply.content + known + newer + reply.timestamp
    return len(text) + reply.usage.input_tokens


def title(session: Session) -> Optional[str]:
    return session.title


def title_or_nothing(session: Session) -> str:
    return session.title  # type: ignore[return-value]


def misspelt(session: Session) -> object:
    return session.titel  # type: ignore[attr-defined]


def told(event: WebhookEvent) -> str:
    if isinstance(event.data, MessageEvent):
        return event.data.session_id + (event.data.user.id if event.data.user else "")
    if isinstance(event.data, AgentEvent):
        return event.data.agent_id
    if isinstance(event.data, dict):
        return str(event.data["crew"])
    return event.event


context: ChatContextParam = {"model": "echo", "temperature": 0.5}
nobody: UserParam = {"username": "john"}  # type: ignore[typeddict-item]
somebody = UserParam(id="tg_1")
