"""The client for event loops: asyncio, uvloop, trio, and a loop that can watch no pipe."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, Awaitable, Callable, Coroutine

import pytest
import trio
import uvloop

import openclaw
from conftest import KEY, Gateway, eventually
from openclaw import AsyncOpenClawClient, OpenClawClient

Main = Callable[[], Coroutine[Any, Any, Any]]


class PipelessLoop(asyncio.SelectorEventLoop):
    """As Windows has it."""

    def add_reader(self, fd: Any, callback: Any, *args: Any) -> Any:
        raise NotImplementedError


def run_pipeless(main: Coroutine[Any, Any, Any]) -> Any:
    loop = PipelessLoop()
    try:
        return loop.run_until_complete(main)
    finally:
        loop.close()


RUNS: dict[str, Callable[[Main], Any]] = {
    "asyncio": lambda main: asyncio.run(main()),
    "uvloop": lambda main: uvloop.run(main()),
    "trio": lambda main: trio.run(main),
    "pipeless": lambda main: run_pipeless(main()),
}


@pytest.fixture(params=RUNS)
def run(request: pytest.FixtureRequest) -> Callable[[Main], Any]:
    return RUNS[request.param]


async def together(*calls: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Makes the calls at once, whatever loop runs."""
    results: list[Any] = [None] * len(calls)

    async def one(number: int) -> None:
        results[number] = await calls[number]()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        async with trio.open_nursery() as nursery:
            for number in range(len(calls)):
                nursery.start_soon(one, number)
    else:
        await asyncio.gather(*(one(number) for number in range(len(calls))))
    return results


def test_calls_streams_and_lists(gateway: Gateway, run: Callable[[Main], Any]) -> None:
    async def main() -> None:
        async with AsyncOpenClawClient(gateway.url, KEY, proxy="") as client:
            reply = await client.chat.send(session_id="async", message="你好 there")
            assert reply.content == "你好 there"
            assert [chunk.content async for chunk in client.chat.stream(message="a b")] == ["a ", "b"]
            stream = await client.chat.stream(message="c d")
            assert stream.request_id is not None
            assert (await stream.get_final_response()).content == "c d"
            async with client.chat.stream(message="e f") as stream:
                assert [text async for text in stream.text_stream] == ["e ", "f"]
            assert "async" in [session.id async for session in client.sessions.list(limit=1)]
            assert (await client.sessions.list(limit=1)).data
            with pytest.raises(openclaw.NotFoundError):
                await client.sessions.get("nobody")
            with pytest.raises(openclaw.ProviderError):
                await client.chat.stream(message="[[echo status=500]]", max_retries=0)

    run(main)


def test_many_at_once(gateway: Gateway, run: Callable[[Main], Any]) -> None:
    async def main() -> None:
        client = AsyncOpenClawClient(gateway.url, KEY, proxy="")

        async def stream(number: int) -> str:
            return "".join([chunk.content async for chunk in client.chat.stream(message=f"s {number} x")])

        sends = [lambda n=n: client.chat.send(message=f"n{n}") for n in range(64)]  # type: ignore[misc]
        replies = await together(*sends)
        assert [reply.content for reply in replies] == [f"n{n}" for n in range(64)]
        streams = [lambda n=n: stream(n) for n in range(32)]  # type: ignore[misc]
        assert await together(*streams) == [f"s {n} x" for n in range(32)]

    run(main)


def test_cancelling_a_task_cancels_the_request(gateway: Gateway) -> None:
    async def with_asyncio() -> None:
        client = AsyncOpenClawClient(gateway.url, KEY, proxy="")
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.chat.send(message="[[echo delay_ms=60000]] never"), 0.3)
        assert (await client.chat.send(message="after")).content == "after"

        async def read() -> None:
            async for _ in client.chat.stream(message="[[echo chunk_ms=50 words=10000]] la"):
                pass

        task = asyncio.create_task(read())
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    async def with_trio() -> None:
        client = AsyncOpenClawClient(gateway.url, KEY, proxy="")
        with trio.move_on_after(0.3) as scope:
            await client.chat.send(message="[[echo delay_ms=60000]] never")
        assert scope.cancelled_caught
        with trio.move_on_after(0.3):
            async for _ in client.chat.stream(message="[[echo chunk_ms=50 words=10000]] la"):
                pass
        assert (await client.chat.send(message="after")).content == "after"

    for loop in (lambda: asyncio.run(with_asyncio()), lambda: uvloop.run(with_asyncio()), lambda: trio.run(with_trio)):
        loop()
        assert gateway.becomes_idle(1), "no turn goes on at the gateway"


def test_leaving_a_stream_stops_the_model(gateway: Gateway, run: Callable[[Main], Any]) -> None:
    slow = "[[echo chunk_ms=20 words=1000]] la"

    async def main() -> None:
        client = AsyncOpenClawClient(gateway.url, KEY, proxy="")
        async with client.chat.stream(message=slow) as stream:
            assert (await stream.__anext__()).content == "la "
        with pytest.raises(openclaw.APIInterruptedError):
            await stream.get_final_response()
        async for _chunk in client.chat.stream(message=slow):
            break
        never_begun = client.chat.stream(message=slow)
        await never_begun.close()
        assert [chunk async for chunk in never_begun] == []

    run(main)
    assert gateway.becomes_idle(1)


def test_loops_in_turn_and_in_threads(gateway: Gateway) -> None:
    client = AsyncOpenClawClient(gateway.url, KEY, proxy="")

    async def main() -> str:
        return (await client.chat.send(message="again")).content

    assert [asyncio.run(main()) for _ in range(20)] == ["again"] * 20
    results: list[str] = []
    threads = [threading.Thread(target=lambda: results.append(asyncio.run(main()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["again"] * 8


def test_a_pipeless_loop_leaves_no_thread(gateway: Gateway) -> None:
    async def main() -> None:
        await AsyncOpenClawClient(gateway.url, KEY, proxy="").status.get()

    run_pipeless(main())
    assert eventually(lambda: "openclaw-bridge" not in [thread.name for thread in threading.enumerate()], 2)


def test_sync_inside_async_works_too(gateway: Gateway, client: OpenClawClient) -> None:
    async def main() -> None:
        assert client.chat.send(message="sync").content == "sync"
        assert "".join(client.chat.stream(message="in async").text_stream) == "in async"

    asyncio.run(main())
