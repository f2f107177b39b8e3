"""What stands on the desk's board: one card for each request of a customer, made of verified webhooks and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from queue import Empty, Queue
from threading import Lock
from typing import Any

from openclaw.types import AgentEvent, MessageEvent, WebhookEvent

EVENTS_KEPT = 10_000
HEARTBEAT_SECONDS = 15

Card = dict[str, Any]


class Board:
    """Takes events in, and tells its followers of each card that changed; any number of threads may use it."""

    def __init__(self) -> None:
        self._cards: dict[str, Card] = {}
        self._handled: dict[str, None] = {}  # Ids of events, oldest first: the gateway may send one twice.
        self._followers: set[Queue[Card]] = set()
        self._lock = Lock()

    def take(self, event: WebhookEvent) -> None:
        """Change the card that an event tells of."""
        with self._lock:
            if event.id in self._handled:
                return
            self._handled[event.id] = None
            if len(self._handled) > EVENTS_KEPT:
                del self._handled[next(iter(self._handled))]
            if isinstance(event.data, MessageEvent):
                self._message(event.event, event.data)
            elif isinstance(event.data, AgentEvent):
                self._agent(event.event, event.data)

    def fail(self, text: str, why: str) -> None:
        """Show that a request did not get through: no webhook will tell."""
        with self._lock:
            self._change(f"failed-{len(self._cards)}", 9, text=text, state=f"failed: {why}")

    def follow(self) -> Iterator[Card | None]:
        """All cards as they stand, then each that changes; `None` now and then, so that a lost follower is noticed."""
        changes: Queue[Card] = Queue()
        with self._lock:
            for card in self._cards.values():
                changes.put(card)
            self._followers.add(changes)
        try:
            while True:
                try:
                    yield changes.get(timeout=HEARTBEAT_SECONDS)
                except Empty:
                    yield None
        finally:
            with self._lock:
                self._followers.discard(changes)

    def _message(self, name: str, data: MessageEvent) -> None:
        if name == "message.received":
            self._change(data.message_id, 1, text=data.content, state="received")
        elif data.reply_to is not None:
            self._change(data.reply_to, 2, state="answered", answer=data.content)

    def _agent(self, name: str, data: AgentEvent) -> None:
        if name == "agent.spawned":
            self._change(data.agent_id, 1, text=(data.metadata or {}).get("text", data.task), state="handed over")
        elif name == "agent.requires_action":
            actions = [action.model_dump() for action in data.required_actions or []]
            self._change(data.agent_id, 2, state="waits for a person", actions=actions)
        elif name == "agent.completed":
            self._change(data.agent_id, 9, state="answered", answer=data.output, actions=[])
        elif name == "agent.error" and data.error is not None:
            self._change(data.agent_id, 9, state=f"failed: {data.error.message}", answer=data.output, actions=[])

    def answered(self, agent_id: str, action_id: str) -> None:
        """Show that a person has answered."""
        with self._lock:
            card = self._cards.get(agent_id)
            if card is not None and card["rank"] < 9:
                left = [action for action in card["actions"] if action["id"] != action_id]
                self._change(agent_id, 2, state="goes on" if not left else card["state"], actions=left)

    def _change(self, id: str, rank: int, **members: Any) -> None:
        """Events may come in any order: what came later in the request's life, its higher `rank`, stays."""
        card = self._cards.get(id, {"id": id, "rank": 0, "text": "", "answer": None, "actions": []})
        if rank < card["rank"]:
            members = {name: value for name, value in members.items() if name == "text"}
        card = {**card, **members, "rank": max(rank, card["rank"])}
        self._cards[id] = card
        for follower in self._followers:
            follower.put(card)
