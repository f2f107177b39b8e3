"""Many calls and streams, half of them abandoned: nothing grows. `OPENCLAW_TEST_SOAK` says how many; 100000 is the full length."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import KEY, Gateway

CALLS = os.environ.get("OPENCLAW_TEST_SOAK", "3000")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells threads and memory in a file")
def test_nothing_is_left(gateway: Gateway) -> None:
    program = Path(__file__).with_name("soak.py")
    out = subprocess.run([sys.executable, program, gateway.url, KEY, CALLS], capture_output=True, text=True)
    print(out.stdout)
    assert (out.returncode, out.stderr) == (0, ""), out.stdout
    assert gateway.becomes_idle(1), "the gateway is left alone too"
