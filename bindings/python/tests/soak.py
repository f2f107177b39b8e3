"""Makes many calls and streams, abandons half of them, and exits badly if anything is left: memory, threads, sockets.

`python soak.py <url> <key> <calls>` prints what the process had before and after.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

from openclaw import AsyncOpenClawClient, OpenClawClient

AT_ONCE = 16
THREADS = 4
KIB_MAX = 12 * 1024
"""What the heap may gain: its pages are taken in pieces, whose edges move."""
STALLED = "[[echo stall_after=1]] a b c"


def waited_for(client: OpenClawClient, number: int) -> None:
    """One call or stream; the odd ones are abandoned."""
    if number % 4 == 0:
        client.status.get()
    elif number % 4 == 1:
        stream = client.chat.stream(message=STALLED)
        next(stream)
        stream.close()
    elif number % 4 == 2:
        client.chat.stream(message="a b c").get_final_response()
    else:
        next(client.chat.stream(message=STALLED))  # And it is forgotten.


async def awaited(client: AsyncOpenClawClient, number: int) -> None:
    """The same, awaited."""
    if number % 4 == 0:
        await client.chat.send(message="a b c")
    elif number % 4 == 1:
        call = asyncio.ensure_future(client.chat.send(message="[[echo delay_ms=60000]] x"))
        await asyncio.sleep(number % 7 * 0.001)
        call.cancel()
        await asyncio.wait([call])
    elif number % 4 == 2:
        await client.sessions.list(limit=1)
    else:
        async for _ in client.chat.stream(message=STALLED):
            break


async def all_awaited(client: AsyncOpenClawClient, calls: int) -> None:
    numbers = iter(range(calls))

    async def some() -> None:
        for number in numbers:
            await awaited(client, number)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


def many(loop: asyncio.AbstractEventLoop, clients: tuple[OpenClawClient, AsyncOpenClawClient], calls: int) -> None:
    """Make so many calls: half of them in threads, half in the loop."""
    numbers = count()  # Shared: to count is one step of the interpreter, so each number comes once.

    def some() -> None:
        while (number := next(numbers)) < calls // 2:
            waited_for(clients[0], number)

    with ThreadPoolExecutor(THREADS) as pool:
        # Few tasks that make many calls: a task of the pool for each would weigh more than what is weighed.
        for done in [pool.submit(some) for _ in range(THREADS)]:
            done.result()
    loop.run_until_complete(all_awaited(clients[1], calls - calls // 2))


def used() -> dict[str, int]:
    """What the process has."""
    gc.collect()
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    files = len(os.listdir("/proc/self/fd"))
    return {"kib": int(status["VmRSS"].split()[0]), "threads": int(status["Threads"]), "files": files}


def main() -> int:
    url, key, calls = sys.argv[1], sys.argv[2], int(sys.argv[3])
    loop = asyncio.new_event_loop()
    clients = OpenClawClient(url, key, proxy=""), AsyncOpenClawClient(url, key, proxy="")
    many(loop, clients, 2000)  # Pools and arenas come to their size.
    before = after = used()
    begun = time.monotonic()
    many(loop, clients, calls)
    for _ in range(150):  # Threads that looked names up stay for 10 s.
        after = used()
        grown = {name: after[name] - before[name] for name in before}
        if grown["kib"] <= KIB_MAX and grown["threads"] <= 0 and grown["files"] <= 4:
            break
        time.sleep(0.1)
    else:
        print(f"it grew: before {before}, after {calls} calls {after}")
        return 1
    print(f"before {before}, after {calls} calls in {time.monotonic() - begun:.0f} s {after}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
