"""The package as a whole: what importing costs, that types and documents are right, and the lines of the article."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

import openclaw
from conftest import KEY, ROOT, Gateway, running_gateway

HERE = Path(__file__).parent
TOOLS = Path(sys.executable).parent
README = (HERE.parent / "README.md").read_text()
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, flags=re.MULTILINE | re.DOTALL)

# As they stand in the article, but for the key, which the test puts in.
ARTICLE_CHAT = """
from openclaw import OpenClawClient

client = OpenClawClient(base_url="http://localhost:3000", api_key="oc_api_sk_xxx")

response = client.chat.send(session_id="user_123", message="帮我总结一下")
print(response.content)
"""
ARTICLE_AGENT = """
sub_agent = client.agents.spawn(task="分析数据", model="claude-3-5-sonnet")
result = sub_agent.wait_for_completion()
"""


def cpu_of(program: str) -> float:
    """The processor time of a Python that runs this, in ms, the best of several."""
    measured = f"import resource; {program}; r = resource.getrusage(0); print(r.ru_utime + r.ru_stime)"

    def once() -> float:
        out = subprocess.run([sys.executable, "-c", measured], capture_output=True, text=True, check=True)
        return float(out.stdout.splitlines()[-1]) * 1000

    return min(once() for _ in range(10))


def test_importing_costs_next_to_nothing() -> None:
    bare = cpu_of("pass")
    assert cpu_of("import openclaw") < 1.5 * bare
    assert cpu_of("from openclaw import OpenClawClient") < 4 * bare, "the rest is `typing` and `json` of Python itself"


def test_importing_loads_nothing() -> None:
    program = "import sys; before = set(sys.modules); import openclaw; print(sorted(set(sys.modules) - before))"
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert out == "['openclaw']\n"


def test_every_public_name_is_there() -> None:
    for name in openclaw.__all__:
        assert getattr(openclaw, name) is not None
        assert name in dir(openclaw)
    with pytest.raises(AttributeError, match="OpenClawCleint"):
        openclaw.OpenClawCleint  # type: ignore[attr-defined]  # noqa: B018
    stub = (Path(openclaw.__file__).parent / "__init__.py").read_text()
    typed = set(re.findall(r"^    from .* import \w+ as (\w+)$", stub, flags=re.MULTILINE))
    assert typed == set(openclaw.__all__), "the types name what the module gives"


def test_every_method_has_a_docstring() -> None:
    client = openclaw.OpenClawClient(api_key="x")
    resources = [getattr(client, name) for name in dir(client) if not name.startswith("_")]
    for resource in [client, client.webhooks.endpoints, client.webhooks.deliveries, *resources]:
        for name in dir(type(resource)):
            member = getattr(type(resource), name)
            if callable(member) and not name.startswith("_"):
                assert member.__doc__, f"{type(resource).__name__}.{name}"


def test_the_waiting_half_is_made_of_the_other() -> None:
    script = HERE.parent / "scripts" / "unasync.py"
    out = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert (out.returncode, out.stdout) == (0, "")


@pytest.mark.parametrize("python", ["3.10", "3.14"])
def test_types_by_mypy(python: str) -> None:
    command = [TOOLS / "mypy", "--strict", "--python-version", python, "-p", "openclaw"]
    out = subprocess.run([*command], capture_output=True, text=True, cwd="/")
    assert out.returncode == 0, out.stdout
    examples = [HERE / "typing_examples.py", HERE / "typing_examples_client.py", HERE.parent / "examples", HERE.parent / "scripts"]
    command = [TOOLS / "mypy", "--strict", "--python-version", python, "--warn-unused-ignores", *examples]
    out = subprocess.run(command, capture_output=True, text=True, cwd=HERE)
    assert out.returncode == 0, out.stdout


def test_types_by_pyright() -> None:
    command = [TOOLS / "pyright", "--pythonpath", sys.executable]
    examples = [HERE / "typing_examples.py", HERE / "typing_examples_client.py"]
    out = subprocess.run([*command, *examples], capture_output=True, text=True, cwd=HERE)
    assert out.returncode == 0, out.stdout


def test_the_article(tmp_path: Path) -> None:
    program = ARTICLE_CHAT.replace("oc_api_sk_xxx", KEY) + ARTICLE_AGENT
    program += "assert (result.status, result.output) == ('completed', '分析数据'), result"
    with running_gateway(tmp_path, port=3000):
        out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (out.returncode, out.stdout) == (0, "帮我总结一下\n"), out.stderr


def test_the_articles_receiver() -> None:
    documented: dict[str, Any] = {}
    exec((ROOT / "sdk-tests/receivers/documented.py").read_text(), documented)
    for payload, secret in [("你好", "secret"), ("{}", "x" * 64)]:
        signature = "sha256=" + hmac.new(secret.encode(), payload.encode(), hashlib.sha256).hexdigest()
        for verify in (documented["verify_webhook"], openclaw.verify_webhook):
            assert verify(payload, signature, secret) is True
            assert verify(payload + " ", signature, secret) is False


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.strip().splitlines()[0][:40])
def test_readme(gateway: Gateway, block: str) -> None:
    head = "import asyncio, os\nfrom openclaw import AsyncOpenClawClient, OpenClawClient\nclient = OpenClawClient()\n"
    program = head + block
    if re.search(r"^(await|async) ", block, flags=re.MULTILINE):
        body = textwrap.indent(block, "    ")
        program = head + f"client = AsyncOpenClawClient()\nasync def main():\n{body}\nasyncio.run(main())\n"
    environment = {**os.environ, "OPENCLAW_BASE_URL": gateway.url, "OPENCLAW_API_KEY": KEY, "WEBHOOK_SECRET": "x" * 32}
    out = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60)
    assert out.returncode == 0, out.stderr
