"""Stands in for a DingTalk robot, a Feishu bot and a trade page; prints what arrives, and refuses what is not signed.

    python3 stand_in.py
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

DINGTALK_SECRET = os.environ.get("DINGTALK_SECRET", "SEC-of-the-dingtalk-robot")
FEISHU_SECRET = os.environ.get("FEISHU_SECRET", "secret-of-the-feishu-bot")
PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>今日纸价</title>
<h1>今日纸价</h1><p>双胶纸每吨 5,850 元，较昨日上涨 <b>1.2%</b>；铜版纸持平。</p>"""


def dingtalk(query: dict[str, list[str]], body: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """What a DingTalk robot answers, and what the group sees: the signature is in the query, over the time in milliseconds."""
    timestamp = query.get("timestamp", [""])[0]
    digest = hmac.new(DINGTALK_SECRET.encode(), f"{timestamp}\n{DINGTALK_SECRET}".encode(), hashlib.sha256).digest()
    if not hmac.compare_digest(base64.b64encode(digest).decode(), query.get("sign", [""])[0]):
        return {"errcode": 310000, "errmsg": "sign not match"}, "refused: the signature is wrong"
    return {"errcode": 0, "errmsg": "ok"}, body["markdown"]["text"]


def feishu(query: dict[str, list[str]], body: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """What a Feishu bot answers, and what the group sees: the signature is in the body, the time and the secret its key."""
    digest = hmac.new(f"{body.get('timestamp')}\n{FEISHU_SECRET}".encode(), b"", hashlib.sha256).digest()
    if not hmac.compare_digest(base64.b64encode(digest).decode(), str(body.get("sign"))):
        return {"code": 19021, "msg": "sign match fail"}, "refused: the signature is wrong"
    card = body["card"]
    shown = [f"[{card['header']['title']['content']}]", *(element["text"]["content"] for element in card["elements"])]
    return {"code": 0, "msg": "success"}, "\n".join(shown)


class Handler(BaseHTTPRequestHandler):
    """`/dingtalk/…` and `/feishu/…` take messages; everything else is the page."""

    def do_GET(self) -> None:
        self.answer("text/html; charset=utf-8", PAGE.encode())

    def do_POST(self) -> None:
        url = urlsplit(self.path)
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        name, robot = ("DingTalk 钉钉", dingtalk) if url.path.startswith("/dingtalk/") else ("Feishu 飞书", feishu)
        reply, seen = robot(parse_qs(url.query), body)
        print(f"──── {name} ────\n{seen}\n", flush=True)
        self.answer("application/json", json.dumps(reply).encode())

    def answer(self, content_type: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Print nothing for each request."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
