"""What happens around the interpreter: forks, exits, signals. Each in processes of its own."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import KEY, Gateway, eventually

EXITS = int(os.environ.get("OPENCLAW_TEST_EXITS", "200"))

HEAD = """
import asyncio, os, signal, sys, threading, time
from openclaw import AsyncOpenClawClient, OpenClawClient
url, key = sys.argv[1:3]
client = OpenClawClient(url, key, proxy="")
"""


def start(gateway: Gateway, program: str, **options: object) -> subprocess.Popen[str]:
    text = HEAD + textwrap.dedent(program)
    arguments = [sys.executable, "-X", "faulthandler", "-c", text, gateway.url, KEY]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)  # type: ignore[call-overload, no-any-return]


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_a_forked_child_calls_before_and_after_its_parent(gateway: Gateway) -> None:
    program = """
    if sys.argv[-1] == "used":
        pass
    def call(who):
        assert client.chat.send(message=who).content == who
        assert "".join(client.chat.stream(message=who + " x").text_stream) == who + " x"
        asyncio.run(call_async(who))
    async def call_async(who):
        assert (await AsyncOpenClawClient(url, key, proxy="").chat.send(message=who)).content == who
    if USED:
        call("parent before")
    for _ in range(3):
        if os.fork() == 0:
            call("child")
            if os.fork() == 0:
                call("grandchild")
                os._exit(0)
            os._exit(os.waitstatus_to_exitcode(os.wait()[1]))
    call("parent after")
    print([os.waitstatus_to_exitcode(os.wait()[1]) for _ in range(3)])
    """
    for used in ("True", "False"):
        assert ended(start(gateway, program.replace("USED", used))) == (0, "[0, 0, 0]\n", "")


def test_a_child_lets_go_of_its_parents_stream(gateway: Gateway) -> None:
    program = """
    stream = client.chat.stream(message="[[echo chunk_ms=20 words=50]] la")
    next(stream)
    if os.fork() == 0:
        try:
            next(iter([]), None); list(stream)
        except Exception as error:
            print(type(error).__name__, error, flush=True)
        del stream
        print(client.chat.send(message="child").content, flush=True)
        os._exit(0)
    os.wait()
    print(len(list(stream)) > 10)
    """
    code, out, err = ended(start(gateway, program))
    assert (code, err) == (0, "")
    assert out.splitlines()[-2:] == ["child", "True"]


def test_multiprocessing_by_fork(gateway: Gateway) -> None:
    program = """
    import multiprocessing
    def work(number):
        return client.chat.send(message=str(number)).content
    client.chat.send(message="warm")
    with multiprocessing.get_context("fork").Pool(4) as pool:
        print(pool.map(work, range(20)) == [str(n) for n in range(20)])
    """
    assert ended(start(gateway, program)) == (0, "True\n", "")


def test_gunicorn_prefork(gateway: Gateway, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        textwrap.dedent(f"""
        import os
        from openclaw import OpenClawClient
        client = OpenClawClient({gateway.url!r}, {KEY!r}, proxy="")
        client.chat.send(message="before the fork")
        def application(environ, start_response):
            body = client.chat.send(message=f"from a worker").content
            start_response("200 OK", [])
            return [f"{{body}} {{os.getpid()}}".encode()]
        """)
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    gunicorn = [sys.executable, "-m", "gunicorn", "--preload", "-w", "3", "-b", address, "app:application"]
    process = subprocess.Popen(gunicorn, cwd=tmp_path, stderr=subprocess.DEVNULL)

    def answer() -> str:
        try:
            with urllib.request.urlopen(f"http://{address}/", timeout=10) as reply:
                return str(reply.read().decode())
        except OSError:
            return ""

    try:
        assert eventually(lambda: answer() != "", 30)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: answer(), range(40)))
    finally:
        process.terminate()
        process.wait()
    assert all(text.startswith("from a worker ") for text in answers)
    assert str(process.pid) not in {text.split()[-1] for text in answers}


ENDINGS = {
    "calls in flight": """
        async def main():
            client = AsyncOpenClawClient(url, key, proxy="")
            calls = [asyncio.ensure_future(client.chat.send(message=f"n{n}")) for n in range(20)]
            await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
        asyncio.run(main())
        """,
    "calls just done": """
        async def main():
            client = AsyncOpenClawClient(url, key, proxy="")
            await asyncio.gather(*(client.chat.send(message=f"n{n}") for n in range(20)))
        asyncio.run(main())
        """,
    "a stream open": """
        async def main():
            stream = AsyncOpenClawClient(url, key, proxy="").chat.stream(message="[[echo chunk_ms=1 words=1000]] la")
            async for chunk in stream:
                sys.exit(0)
        asyncio.run(main())
        """,
    "daemon threads waiting": """
        stream = client.chat.stream(message="[[echo chunk_ms=1 words=10000]] la")
        threading.Thread(target=client.chat.send, kwargs={"message": "[[echo delay_ms=60000]] x"}, daemon=True).start()
        threading.Thread(target=list, args=(stream,), daemon=True).start()
        time.sleep(0.05)
        """,
    "sys.exit in the middle": """
        iterator = client.chat.stream(message="[[echo chunk_ms=1 words=1000]] la")
        next(iterator)
        sys.exit(0)
        """,
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_exits(gateway: Gateway, ending: str) -> None:
    def one(_: int) -> tuple[int, str, str]:
        return ended(start(gateway, ENDINGS[ending]))

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(one, range(EXITS // len(ENDINGS))))
    assert [outcome for outcome in outcomes if outcome != (0, "", "")] == []
    assert gateway.becomes_idle(2)


@pytest.mark.parametrize(
    "waiting",
    [
        'client.chat.send(message="[[echo delay_ms=60000]] x")',
        'list(client.chat.stream(message="[[echo stall_after=1]] one two"))',
        'client.chat.stream(message="[[echo delay_ms=60000]] one two")',
        'asyncio.run(AsyncOpenClawClient(url, key, proxy="").chat.send(message="[[echo delay_ms=60000]] x"))',
    ],
)
def test_ctrl_c_ends_a_wait_at_once(gateway: Gateway, waiting: str) -> None:
    # A shell's background job hands on that it ignores SIGINT; a terminal's job does not.
    program = f"""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    print("begun", flush=True)
    try:
        {waiting}
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    """
    process = start(gateway, program)
    assert process.stdout is not None and process.stdout.readline() == "begun\n"
    assert eventually(lambda: gateway.turns_running() == 1, 20)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline() == "interrupted\n"
    assert time.monotonic() - begun < 2
    assert ended(process)[0] == 0
    assert gateway.becomes_idle(1), "the request is cancelled too"
