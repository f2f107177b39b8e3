"""Agents: the handle, against the real gateway and a server that says what it is told to."""

from __future__ import annotations

import asyncio
import copy
import json
import pickle

import pytest

import openclaw
from conftest import KEY, StandIn
from openclaw import AsyncOpenClawClient, OpenClawClient

RUNNING = {"id": "agt_1", "status": "running", "task": "分析数据", "model": "echo", "skills": []}
COMPLETED = {**RUNNING, "status": "completed", "output": "42", "usage": {"steps": 3}}
FAILED = {**RUNNING, "status": "failed", "partial": True, "error": {"code": "timeout", "message": "its time ran out"}}


def test_an_agent_is_spawned_and_waited_for(standin: StandIn) -> None:
    standin.answer(RUNNING, status=202)
    standin.answer(RUNNING)
    standin.answer(COMPLETED)
    agent = standin.client.agents.spawn(task="分析数据", model="claude-3-5-sonnet", timeout=300, skills=["web_fetch"])
    assert (agent.id, agent.status, agent.output) == ("agt_1", "running", None)
    result = agent.wait_for_completion(timeout=20).raise_for_status()
    assert (result.output, result.status, result.usage.steps) == ("42", "completed", 3)
    assert agent.status == "completed", "the handle has heard of it too"
    spawned = json.loads(standin.seen[0][3])
    assert spawned == {
        "task": "分析数据", "model": "claude-3-5-sonnet", "timeout": 300, "skills": ["web_fetch"],
    }  # fmt: skip
    assert standin.seen[1][1].startswith("/api/v1/agents/agt_1?wait=")
    for other in (pickle.loads(pickle.dumps(result)), copy.deepcopy(result)):
        assert (type(other), other.model_dump()) == (openclaw.types.Agent, COMPLETED)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (FAILED, r"agent agt_1 failed: its time ran out \(timeout\)"),
        ({**RUNNING, "status": "cancelled"}, "agent agt_1 is cancelled"),
        ({**RUNNING, "status": "requires_action"}, "needs an answer"),
    ],
)
def test_what_did_not_complete_is_an_error_with_the_agent(
    standin: StandIn, state: dict[str, object], told: str
) -> None:
    standin.answer(state)
    agent = standin.client.agents.wait_for_completion("agt_1")
    assert agent.status == state["status"]
    with pytest.raises(openclaw.AgentFailedError, match=told) as caught:
        agent.raise_for_status()
    assert caught.value.agent.status == state["status"]
    assert pickle.loads(pickle.dumps(caught.value)).agent.id == "agt_1"


def test_a_wait_that_is_over_before_the_agent_is_a_timeout(standin: StandIn) -> None:
    for _ in range(3):
        standin.answer(RUNNING)
    with pytest.raises(openclaw.APITimeoutError):
        standin.client.agents.wait_for_completion("agt_1", timeout=0.3)


def test_the_rest_of_an_agent(standin: StandIn) -> None:
    client = standin.client
    standin.answer({"data": [RUNNING, COMPLETED], "has_more": False})
    first, second = client.agents.list(status="running", session_id="s")
    assert "session_id=s&status=running" in standin.seen[-1][1]
    standin.answer(COMPLETED)
    assert first.refresh() is first and first == second
    standin.answer({**RUNNING, "status": "cancelled"})
    assert first.cancel().status == "cancelled"
    assert standin.seen[-1][:2] == ("POST", "/api/v1/agents/agt_1/cancel")
    standin.answer(RUNNING)
    first.input(action_id="call_1", decision="approve")
    assert json.loads(standin.seen[-1][3]) == {"action_id": "call_1", "decision": "approve"}
    standin.answer({"data": [{"number": 1, "kind": "tool", "tool": "web_fetch"}], "has_more": False})
    assert [step.tool for step in first.steps()] == ["web_fetch"]
    standin.answer({"data": [COMPLETED], "has_more": False})
    (child,) = first.children()
    standin.answer(COMPLETED)
    assert child.refresh().output == "42"
    standin.answer({"done": True, "agents": [COMPLETED]})
    assert client.agents.wait(["agt_1"], mode="any", timeout=5).agents[0].output == "42"
    standin.answer({"data": [{"name": "web_fetch", "tools": ["web_fetch"]}], "has_more": False})
    assert [skill.name for skill in client.skills.list()] == ["web_fetch"]


def test_the_events_of_an_agent_end_with_it(standin: StandIn) -> None:
    def event(name: str, id: str) -> str:
        data = {"event": name, "timestamp": "2026-04-17T01:20:00Z", "data": {"agent_id": "agt_1"}, "id": id}
        return f"event: {name}\nid: {id}\ndata: {json.dumps(data)}\n\n"

    standin.answer(event("agent.started", "evt_1"), content_type="text/event-stream")
    standin.answer(event("agent.completed", "evt_2"), content_type="text/event-stream")
    stream = standin.client.agents.events("agt_1")
    assert [event.event for event in stream] == ["agent.started", "agent.completed"]
    assert stream.last_event_id == "evt_2"
    assert standin.seen[1][2]["last-event-id"] == "evt_1", "a broken connection is taken up again"


def test_agents_awaited(standin: StandIn) -> None:
    standin.answer(RUNNING, status=202)
    standin.answer(COMPLETED)

    async def main() -> None:
        client = AsyncOpenClawClient(standin.url, KEY, proxy="")
        agent = await client.agents.spawn(task="x")
        assert isinstance(agent, openclaw.AsyncAgent)
        assert (await agent.wait_for_completion(timeout=5)).output == "42"

    asyncio.run(main())


def test_agents_of_the_real_gateway(client: OpenClawClient) -> None:
    agent = client.agents.spawn(task="分析数据", label="real", metadata={"Keep": [1]})
    names = [event.event for event in agent.events()]
    assert (names[0], names[-1]) == ("agent.spawned", "agent.completed")
    result = agent.wait_for_completion(timeout=30).raise_for_status()
    assert (result.output, result.metadata) == ("分析数据", {"Keep": [1]})
    assert [step.kind for step in result.steps()] == ["model"]
    assert agent.id in [row.id for row in client.agents.list(status="completed")]
    slow = client.agents.spawn(task="[[echo delay_ms=60000]] late")
    with pytest.raises(openclaw.APITimeoutError):
        slow.wait_for_completion(timeout=0.2)
    assert slow.cancel().status == "cancelled"
    with pytest.raises(openclaw.AgentFailedError, match="cancelled"):
        slow.raise_for_status()
    with pytest.raises(openclaw.BadRequestError) as caught:
        client.agents.spawn(task="x", skills=["web_fecth"])
    assert caught.value.code == "skill_unknown"
