"""What one SDK costs its process: CPU time a call or a chunk, against the stand-in.

    python python.py openclaw|openai CASE URL SECONDS

Prints one JSON object: how many were made, and the CPU time of the process meanwhile.
"""

import asyncio
import json
import sys
import time

SDK, CASE, URL, SECONDS = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
KEY = "oc_api_sk_bench"
MODEL = "gpt-4o-2024-08-06"
FLAT = "[[standin chunks=500 bytes=4000]]"
PACED = "[[standin chunks=100 bytes=800 gap_us=20000]]"


def clients():
    if SDK == "openclaw":
        from openclaw import AsyncOpenClawClient, OpenClawClient

        return OpenClawClient(base_url=URL, api_key=KEY), AsyncOpenClawClient(base_url=URL, api_key=KEY)
    from openai import AsyncOpenAI, OpenAI

    return OpenAI(base_url=URL + "/v1", api_key=KEY), AsyncOpenAI(base_url=URL + "/v1", api_key=KEY)


def call(client, message):
    if SDK == "openclaw":
        return client.chat.send(message=message)
    return client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": message}])


def stream(client, message):
    if SDK == "openclaw":
        return client.chat.stream(message=message)
    return client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": message}], stream=True)


def text(reply):
    return reply.content if SDK == "openclaw" else reply.choices[0].message.content


def measured(step):
    """Runs `step` for a second that does not count, then until the time is up."""
    end = time.monotonic() + 1
    while time.monotonic() < end:
        step()
    count, cpu, begin = 0, time.process_time(), time.monotonic()
    while time.monotonic() < begin + SECONDS:
        count += step()
    report(count, time.process_time() - cpu, time.monotonic() - begin)


async def measured_async(step):
    end = time.monotonic() + 1
    while time.monotonic() < end:
        await step()
    count, cpu, begin = 0, time.process_time(), time.monotonic()
    while time.monotonic() < begin + SECONDS:
        count += await step()
    report(count, time.process_time() - cpu, time.monotonic() - begin)


def report(count, cpu, wall):
    print(json.dumps({"count": count, "cpu_us": cpu * 1e6, "seconds": wall}))


async def read(client, message):
    opened = stream(client, message)
    if SDK == "openai":
        opened = await opened
    return sum([1 async for _ in opened])


def calls():
    client, _ = clients()

    def step():
        assert text(call(client, "hello"))
        return 1

    measured(step)


def flat():
    client, _ = clients()
    measured(lambda: sum(1 for _ in stream(client, FLAT)))


def calls_async(at_once):
    async def run():
        _, client = clients()

        async def step():
            replies = await asyncio.gather(*(call(client, "hello") for _ in range(at_once)))
            assert all(text(reply) for reply in replies)
            return at_once

        await measured_async(step)

    asyncio.run(run())


def streams(at_once, message):
    async def run():
        _, client = clients()

        async def step():
            return sum(await asyncio.gather(*(read(client, message) for _ in range(at_once))))

        await measured_async(step)

    asyncio.run(run())


def load():
    """Only the import, in a process that does nothing else."""
    cpu, begin = time.process_time(), time.monotonic()
    __import__(SDK)
    report(1, time.process_time() - cpu, time.monotonic() - begin)


CASES = {
    "call": calls,
    "async-call": lambda: calls_async(1),
    "in-flight-32": lambda: calls_async(32),
    "stream": flat,
    "async-stream": lambda: streams(1, FLAT),
    "paced-stream": lambda: streams(1, PACED),
    "paced-streams-64": lambda: streams(64, PACED),
    "load": load,
}
CASES[CASE]()
