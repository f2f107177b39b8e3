"""Receives webhooks in Python: with the documented function, and with the published Standard Webhooks library.

Reads requests in the form of `vectors/webhook.json` on standard input, and writes for each, by its name, which checks
accept it, in the form of its `expected`.
"""

import base64
import json
import sys
from datetime import datetime

import standardwebhooks.webhooks
from documented import verify_webhook

TAIL_BYTES = 87


def accepts_body(body, headers, secret):
    return verify_webhook(body, headers.get("x-openclaw-signature", ""), secret)


def accepts_unsigned(body, secret):
    try:
        signature = json.loads(body)["signature"]
    except (ValueError, KeyError):
        return False
    unsigned = body.encode()[:-TAIL_BYTES].decode(errors="replace") + "}"
    return verify_webhook(unsigned, signature, secret)


def accepts_standard(body, headers, secret, now):
    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.fromtimestamp(now, tz=tz)

    standardwebhooks.webhooks.datetime = Clock
    try:
        standardwebhooks.Webhook(secret).verify(body, headers)
    except Exception:  # The library raises several kinds; each refuses.
        return False
    return True


def check(vector):
    body, headers = vector["request"]["body"], vector["request"]["headers"]
    secret, now = vector["receiver"]["secrets"][0], vector["receiver"]["now"]
    as_bytes = "whsec_" + base64.b64encode(secret.encode()).decode()
    return {
        "body": accepts_body(body, headers, secret),
        "unsigned": accepts_unsigned(body, secret),
        "standard": accepts_standard(body, headers, secret, now),
        "standard_utf8": accepts_standard(body, headers, as_bytes, now),
    }


if __name__ == "__main__":
    vectors = json.load(sys.stdin)["vectors"]
    json.dump({vector["name"]: check(vector) for vector in vectors}, sys.stdout)
