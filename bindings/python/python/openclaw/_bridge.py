"""From the native module's threads to the event loop: outcomes wait in a queue that the loop empties on its own thread.

There is one bridge for each event loop. asyncio and uvloop watch its pipe with `add_reader`, trio with `wait_readable`; a
loop that can watch no pipe (Windows) has a thread of Python's own that waits instead. No thread of the native module ever
touches Python.
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any, Awaitable, Callable
from weakref import WeakKeyDictionary, ref

from . import _native

if TYPE_CHECKING:
    import asyncio

    import trio
    from trio.lowlevel import Abort, RunVar, Task

    from ._options import NativeOptions


def bridge() -> Bridge:
    """The bridge to the loop that runs."""
    trio_module = sys.modules.get("trio")
    if trio_module is not None:
        try:
            trio_module.lowlevel.current_task()
        except RuntimeError:
            pass  # trio is there but does not run this.
        else:
            return _of_trio()
    global _running_loop
    if _running_loop is None:
        from asyncio import get_running_loop

        _running_loop = get_running_loop
    loop = _running_loop()
    known = _of_asyncio.get(loop)
    if known is None:
        known = _of_asyncio[loop] = AsyncioBridge(loop)
    return known


class Bridge:
    """Calls, and what comes of them, on the thread of one event loop."""

    def __init__(self) -> None:
        self._native = _native.Bridge()

    async def call(
        self, client: _native.Client, operation: str, arguments: bytes, options: NativeOptions
    ) -> tuple[bytes, str | None, _native.Response | None]:
        """Call, and give the reply. Cancelling the task hangs up."""
        pending = self._native.call(client, operation, arguments, options)
        reply: tuple[bytes, str | None, _native.Response | None] = await self._outcome(pending.token, pending.cancel)
        return reply

    def arrival(self, stream: _native.Stream) -> Awaitable[None]:
        """Wait until a stream has something to take. Cancelling the task leaves the stream as it is."""
        raise NotImplementedError

    async def _outcome(self, token: int, cancel: Callable[[], None]) -> Any:
        raise NotImplementedError


class AsyncioBridge(Bridge):
    """The bridge to an asyncio loop, such as uvloop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._create_future: Callable[[], asyncio.Future[Any]] = _create_future_of(loop)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        try:
            loop.add_reader(self._native.fileno(), self._drain)
        except (AttributeError, NotImplementedError):
            threading.Thread(target=self._wake, args=(loop,), name="openclaw-bridge").start()

    def arrival(self, stream: _native.Stream) -> Awaitable[None]:
        # Of a task that was cancelled the future stays until the stream tells something, its end at the latest.
        future = self._create_future()
        self._waiting[self._native.watch(stream)] = future
        return future

    async def _outcome(self, token: int, cancel: Callable[[], None]) -> Any:
        future = self._waiting[token] = self._create_future()
        try:
            return await future
        finally:
            if self._waiting.pop(token, None) is not None:
                cancel()

    def _drain(self) -> None:
        for token, outcome in self._native.drain():
            future = self._waiting.pop(token, None)
            if future is None or future.done():
                continue
            if isinstance(outcome, BaseException):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    def _drain_for(self, drained: threading.Event) -> None:
        self._drain()
        drained.set()

    def _wake(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wake the loop when there are outcomes, until it is closed or the program ends."""
        main, drained = threading.main_thread(), threading.Event()
        while main.is_alive() and not loop.is_closed():
            if not self._native.wait(0.1):
                continue
            drained.clear()
            try:
                loop.call_soon_threadsafe(self._drain_for, drained)
            except RuntimeError:  # It was closed just now.
                return
            while not drained.wait(0.1) and main.is_alive() and not loop.is_closed():
                pass


class TrioBridge(Bridge):
    """The bridge to a trio run."""

    def __init__(self, module: Any) -> None:
        super().__init__()
        self._trio: Any = module
        self._waiting: dict[int, Task] = {}
        module.lowlevel.spawn_system_task(self._read)

    def arrival(self, stream: _native.Stream) -> Awaitable[None]:
        return self._outcome(self._native.watch(stream), _nothing)

    async def _outcome(self, token: int, cancel: Callable[[], None]) -> Any:
        lowlevel = self._trio.lowlevel
        self._waiting[token] = lowlevel.current_task()

        def abort(_: object) -> Abort:
            del self._waiting[token]
            cancel()
            return lowlevel.Abort.SUCCEEDED  # type: ignore[no-any-return]

        return await lowlevel.wait_task_rescheduled(abort)

    async def _read(self) -> None:
        import outcome

        lowlevel = self._trio.lowlevel
        while True:
            await lowlevel.wait_readable(self._native.fileno())
            for token, came in self._native.drain():
                task = self._waiting.pop(token, None)
                if task is None:
                    continue
                if isinstance(came, BaseException):
                    lowlevel.reschedule(task, outcome.Error(came))
                else:
                    lowlevel.reschedule(task, outcome.Value(came))


def _of_trio() -> TrioBridge:
    global _trio_bridge
    import trio

    if _trio_bridge is None:
        _trio_bridge = trio.lowlevel.RunVar("openclaw bridge")
    try:
        return _trio_bridge.get()
    except LookupError:
        made = TrioBridge(trio)
        _trio_bridge.set(made)
        return made


def _create_future_of(loop: asyncio.AbstractEventLoop) -> Callable[[], asyncio.Future[Any]]:
    """Make futures of a loop without keeping it alive: it keeps the bridge."""
    weak = ref(loop)

    def create_future() -> asyncio.Future[Any]:
        alive = weak()
        assert alive is not None  # It runs the task that asks.
        return alive.create_future()

    return create_future


def _nothing() -> None:
    pass


_running_loop: Callable[[], asyncio.AbstractEventLoop] | None = None  # Imported when it is first asked for.

_of_asyncio: WeakKeyDictionary[asyncio.AbstractEventLoop, AsyncioBridge] = WeakKeyDictionary()
_trio_bridge: RunVar[TrioBridge] | None = None
