"""Makes `openclaw/_sync` of `openclaw/_async`: the same calls, waited for. `--check` only says whether it is up to date.

A line `# async only` begins what has no counterpart, a line `# end` ends it. batch.py and transport.py are
written by hand in both.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "python" / "openclaw"
BY_HAND = {"__init__.py", "batch.py", "transport.py"}
WORDS = [
    (r"^ *# async only\n.*?^ *# end\n\n*", ""),
    (r"\basync (def|for|with)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\bAsyncPager\b", "Page"),
    (r"\bAsyncIterator\b", "Iterator"),
    (r"\bAwaitable\[(.*?\])\]", r"\1"),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\bStopAsyncIteration\b", "StopIteration"),
    (r"__a(enter|exit|iter|next)__", r"__\1__"),
    (r"\b_async\b", "_sync"),
]


def waited_for(text: str) -> str:
    """The text of a module without its `await`s."""
    for pattern, word in WORDS:
        text = re.sub(pattern, word, text, flags=re.MULTILINE | re.DOTALL if "# async" in pattern else re.MULTILINE)
    text = re.sub(r"^from typing import (.*)$", lambda line: _import_of_used(line[1], text), text, flags=re.MULTILINE)
    head, _, body = text.partition('"""\n\n')
    return f'{head}"""\n\n# Made by scripts/unasync.py of the module of that name in `_async`; do not edit.\n\n{body}'


def _import_of_used(names: str, text: str) -> str:
    known = names.split(", ")
    used = {name for name in known if len(re.findall(rf"\b{name}\b", text)) > known.count(name)}
    return f"from typing import {', '.join(sorted(used))}"


def main() -> int:
    """Write the modules, or compare them."""
    differing = []
    for source in sorted((PACKAGE / "_async").glob("*.py")):
        target = PACKAGE / "_sync" / source.name
        if source.name in BY_HAND:
            continue
        text = waited_for(source.read_text())
        if target.exists() and target.read_text() == text:
            continue
        differing.append(source.name)
        if "--check" not in sys.argv:
            target.write_text(text)
    if differing and "--check" in sys.argv:
        print(f"not up to date, run bindings/python/scripts/unasync.py: {', '.join(differing)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
