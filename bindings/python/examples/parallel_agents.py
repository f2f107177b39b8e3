"""A main program hands a task to three agents, follows one of them, and joins what they found.

    OPENCLAW_API_KEY=oc_api_sk_… python parallel_agents.py "the state of webhooks"
"""

from __future__ import annotations

import asyncio
import sys

from openclaw import AgentFailedError, AsyncOpenClawClient

PARTS = ["Search for", "Analyse", "Write a report on"]


async def work(client: AsyncOpenClawClient, task: str) -> str:
    agent = await client.agents.spawn(task=task, timeout=120)
    try:
        return (await agent.wait_for_completion()).raise_for_status().output or ""
    except AgentFailedError as error:
        return f"(cut short: {error}) {error.agent.output or ''}"


async def main(subject: str) -> None:
    async with AsyncOpenClawClient() as client:
        for found in await asyncio.gather(*(work(client, f"{part} {subject}") for part in PARTS)):
            print("-", found)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "the weather"))
