"""Does what a customer and a colleague would do in the page, and checks what they would see; run by scripts/test-examples.

    python3 check.py http://127.0.0.1:8088
"""

from __future__ import annotations

import json
import sys
from typing import Any, Callable
from urllib.error import HTTPError
from urllib.request import Request, urlopen

PATIENCE_SECONDS = 30

desk = sys.argv[1]


def post(path: str, body: dict[str, Any], content_type: str = "application/json") -> int:
    """Post as the page does; gives the status."""
    request = Request(desk + path, json.dumps(body).encode(), {"content-type": content_type})
    try:
        with urlopen(request, timeout=PATIENCE_SECONDS) as response:
            return int(response.status)
    except HTTPError as error:
        return error.code


def until(wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first card that the page is shown and that is wanted."""
    with urlopen(desk + "/cards", timeout=PATIENCE_SECONDS) as stream:
        for line in stream:
            card: dict[str, Any] = json.loads(line[6:]) if line.startswith(b"data: ") else {}
            if card and wanted(card):
                print(f"{card['state']}: {card['text']} {card['answer'] or ''}")
                return card
    raise AssertionError("the stream of cards ended")


def main() -> None:
    with urlopen(desk + "/", timeout=PATIENCE_SECONDS) as page:
        assert b"Ask a person" in page.read()

    assert post("/say", {"text": "Do you have blue pens?"}) == 202
    until(lambda card: card["state"] == "answered" and card["text"] == card["answer"] == "Do you have blue pens?")

    assert post("/hand-over", {"text": "I want my money back"}) == 202
    card = until(lambda card: card["state"] == "waits for a person" and card["text"] == "I want my money back")
    [action] = card["actions"]
    assert action["question"] == "What do we answer?", action
    assert post("/decide", {"agent_id": card["id"], "action_id": action["id"], "message": "Refund it"}) == 204

    card = until(lambda card: any(action["kind"] == "approval" for action in card["actions"]))
    [action] = card["actions"]
    assert action["arguments"] == {"path": "handed-over.md", "content": "Refund it"}, action
    assert post("/decide", {"agent_id": card["id"], "action_id": action["id"], "decision": "approve"}) == 204
    card = until(lambda card: card["state"] == "answered" and card["id"].startswith("agt_"))
    assert card["answer"] == "A colleague has looked at it: Refund it", card

    assert post("/webhooks/openclaw", {"event": "message.sent"}) == 400, "an unsigned webhook was believed"
    assert post("/say", {"text": "from another site"}, "text/plain") == 415
    print("the desk works")


if __name__ == "__main__":
    main()
