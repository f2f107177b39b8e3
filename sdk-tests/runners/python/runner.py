"""Makes the calls of the conformance suite with the Python SDK; see sdk-tests/README.md, "A runner".

Calls are made in turn with the client that waits and with the awaited one, so that both pass the suite.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import Any

import openclaw
from openclaw import AsyncOpenClawClient, OpenClawClient
from openclaw._model import Model

KINDS: dict[type[Exception], str] = {
    openclaw.BadRequestError: "invalid_request_error",
    openclaw.AuthenticationError: "authentication_error",
    openclaw.PermissionDeniedError: "permission_error",
    openclaw.NotFoundError: "not_found_error",
    openclaw.ConflictError: "conflict_error",
    openclaw.RequestTooLargeError: "request_too_large",
    openclaw.RateLimitError: "rate_limit_error",
    openclaw.InternalServerError: "api_error",
    openclaw.ProviderError: "provider_error",
    openclaw.OverloadedError: "overloaded_error",
    openclaw.GatewayTimeoutError: "timeout_error",
    openclaw.APIStatusError: "unknown",
    openclaw.APIConnectionError: "connection",
    openclaw.APITimeoutError: "timeout",
    openclaw.APIInterruptedError: "interrupted",
    openclaw.APIDecodeError: "decode",
    openclaw.ConfigError: "config",
    openclaw.WebhookVerificationError: "webhook",
}

# Calls that give items.
ITEMS = (".children", ".events", ".list", ".messages", ".steps", ".stream")


class Log(logging.Handler):
    """What the client logged since this was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        fields = {name: value for name, value in vars(record).items() if name not in _ORDINARY}
        self._lines.append({"level": record.levelname.lower(), "message": record.getMessage(), **fields})

    def told(self) -> list[dict[str, Any]]:
        lines, self._lines = self._lines, []
        return lines


# What every record has.
_ORDINARY = vars(logging.makeLogRecord({})).keys() | {"message"}
LOG = Log()
logging.getLogger("openclaw").addHandler(LOG)


def main() -> None:
    loop = asyncio.new_event_loop()
    for line in sys.stdin:
        request = json.loads(line)
        answer: dict[str, Any] = {"id": request["id"]}
        wanted = request.get("client", {}).pop("log", None)
        logging.getLogger("openclaw").setLevel((wanted or "critical").upper())
        try:
            if "webhook" in request["call"] and "client" not in request:
                answer["returns"] = webhook(request["call"], request["args"])
            elif request["id"] % 2:
                loop.run_until_complete(awaited(request, answer))
            else:
                waited_for(request, answer)
        except Exception as error:
            answer["error"] = described(error)
            # The blocking client asks for the first page at once: what fails then fails before anything was given.
            if request["call"].endswith(ITEMS) and not request.get("page"):
                answer.setdefault("items", [])
        if wanted:
            answer["log"] = LOG.told()
        print(json.dumps(answer), flush=True)


def waited_for(request: dict[str, Any], answer: dict[str, Any]) -> None:
    with OpenClawClient(**client_settings(request)) as client:
        result = method(client, request)(**arguments(request))
        if isinstance(result, openclaw.RawResponse):
            answer["response"], result = response(result), result.parse()
        if isinstance(result, openclaw.Page) and request.get("page"):
            answer["returns"] = page(result)
        elif isinstance(result, (openclaw.Page, openclaw.ChatStream, openclaw.EventStream)):
            items = answer["items"] = []
            for item in result if request.get("take") != 0 else ():
                items.append(item.model_dump())
                if len(items) == request.get("take"):
                    break
            if isinstance(result, openclaw.ChatStream) and "take" not in request:
                answer["returns"] = result.get_final_response().model_dump()
        else:
            answer["returns"] = result.model_dump() if isinstance(result, Model) else result


async def awaited(request: dict[str, Any], answer: dict[str, Any]) -> None:
    async with AsyncOpenClawClient(**client_settings(request)) as client:
        result = method(client, request)(**arguments(request))
        if request.get("response"):
            raw = await result
            answer["response"], result = response(raw), raw.parse()
        if isinstance(result, openclaw.AsyncPager) and request.get("page"):
            answer["returns"] = page(await result)
        elif isinstance(result, openclaw.AsyncPage):
            answer["returns"] = page(result)
        elif isinstance(result, (openclaw.AsyncPager, openclaw.AsyncChatStream, openclaw.AsyncEventStream)):
            items = answer["items"] = []
            async for item in result:
                items.append(item.model_dump())
                if len(items) == request.get("take"):
                    break
            if isinstance(result, openclaw.AsyncChatStream) and "take" not in request:
                answer["returns"] = (await result.get_final_response()).model_dump()
        else:
            reply = result if request.get("response") else await result
            answer["returns"] = reply.model_dump() if isinstance(reply, Model) else reply


def client_settings(request: dict[str, Any]) -> dict[str, Any]:
    return {name.removesuffix("_ms"): seconds(name, value) for name, value in request["client"].items()}


def arguments(request: dict[str, Any]) -> dict[str, Any]:
    options = {name.removesuffix("_ms"): seconds(name, value) for name, value in request.get("options", {}).items()}
    if "headers" in options:
        options["extra_headers"] = options.pop("headers")
    return {**request["args"], **options}


def seconds(name: str, value: Any) -> Any:
    return value / 1000 if name.endswith("_ms") else value


def method(client: Any, request: dict[str, Any]) -> Any:
    *nouns, name = request["call"].split(".")
    for noun in [*nouns, "with_raw_response"] if request.get("response") else nouns:
        client = getattr(client, noun)
    return getattr(client, name)


def response(raw: openclaw.RawResponse[Any]) -> dict[str, Any]:
    told = {"status": raw.status_code, "headers": dict(raw.headers), "retries": raw.retries_taken}
    return {**told, "request_id": raw.request_id}


def page(result: Any) -> dict[str, Any]:
    return {"data": [row.model_dump() for row in result.data], "has_more": result.has_more, "next": result.next}


def webhook(call: str, args: dict[str, Any]) -> Any:
    if call == "verify_webhook":
        return openclaw.verify_webhook(args["payload"], args["signature"], args["secret"])
    event = openclaw.Webhook(args["secrets"]).verify(args["body"], args["headers"], now=args["now"])
    data = event.data.model_dump() if isinstance(event.data, Model) else event.data
    return {"id": event.id, "event": event.event, "timestamp": event.timestamp, "data": data}


def described(error: Exception) -> dict[str, Any]:
    names = ("status_code", "code", "param", "message", "request_id", "body")
    told = {name: getattr(error, name, None) for name in names}
    told["kind"] = KINDS.get(type(error), "runner")
    told["status"] = told.pop("status_code")
    told["message"] = told["message"] or f"{type(error).__name__}: {error}"
    if told["body"] is not None and not isinstance(told["body"], str):
        told["body"] = json.dumps(told["body"], ensure_ascii=False)  # Python's is decoded.
    wait = getattr(error, "retry_after", None)
    told["retry_after_ms"] = None if wait is None else round(wait * 1000)
    return told


if __name__ == "__main__":
    main()
