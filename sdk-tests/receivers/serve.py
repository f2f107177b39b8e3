"""Receives webhooks over HTTP in Python with the documented function alone, as a customer's program would.

Prints its address, then for each request one line of JSON: path, event, and whether the function accepts it. What it does
not accept it answers with 401. The secret is in WEBHOOK_SECRET.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

from documented import verify_webhook


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        payload = self.rfile.read(int(self.headers["content-length"])).decode()
        genuine = verify_webhook(payload, self.headers["X-OpenClaw-Signature"], os.environ["WEBHOOK_SECRET"])
        event = json.loads(payload)
        print(json.dumps({"path": self.path, "genuine": genuine, "event": event}), flush=True)
        self.send_response(200 if genuine else 401)
        self.end_headers()

    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)
