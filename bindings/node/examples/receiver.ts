// A webhook receiver without a framework; it needs no native code.
//
//     WEBHOOK_SECRET=… PORT=8000 node receiver.ts

import { createServer, type IncomingMessage } from "node:http";

import { Webhook, WebhookVerificationError, type WebhookEvent } from "openclaw-sdk/webhooks";

const webhook = new Webhook(process.env["WEBHOOK_SECRET"]);
/** The events that were handled: a gateway may send one more than once. */
const handled = new Set<string>();

const server = createServer((request, response) => {
  receive(request).then(
    () => response.writeHead(204).end(),
    (error: unknown) => response.writeHead(error instanceof WebhookVerificationError ? 400 : 500).end(),
  );
});
server.listen(Number(process.env["PORT"] ?? 8000), "127.0.0.1", () => console.log("listening"));

async function receive(request: IncomingMessage): Promise<void> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request) pieces.push(piece as Uint8Array);
  const event = webhook.verify(Buffer.concat(pieces), request.headers);
  if (!handled.has(event.id)) handle(event);
  handled.add(event.id);
}

function handle(event: WebhookEvent): void {
  switch (event.event) {
    case "message.received":
      console.log(`${event.data.user?.username ?? event.data.channel}: ${event.data.content}`);
      break;
    case "agent.completed":
      console.log(`agent ${event.data.agentId}: ${event.data.output ?? ""}`);
      break;
    default:
      console.log(event.event);
  }
}
