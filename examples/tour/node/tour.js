// Send, stream, spawn, verify: the tour of the Node SDK.
//
//     OPENCLAW_API_KEY=oc_api_sk_… node tour.js

const { createServer } = require("node:http");
const { once } = require("node:events");
const { OpenClawClient, Webhook, WebhookVerificationError } = require("openclaw-sdk");

const EVENTS = ["message.received", "message.sent", "agent.completed"];
const EVENTS_OF_THE_TOUR = 5; // Two messages, both received and answered, and one agent.
const PATIENCE_MS = 60_000;

async function main() {
  const requests = [];
  const receiver = createServer((request, response) => receive(request, response, requests)).listen(0, "127.0.0.1");
  await once(receiver, "listening");
  const client = new OpenClawClient();
  const url = `http://127.0.0.1:${receiver.address().port}/hook`;
  const created = await client.webhooks.endpoints.create({ url, events: EVENTS });

  const reply = await client.chat.send({ sessionId: "tour", message: "Hello from the tour" });
  console.log("send   ", reply.content);

  const pieces = [];
  const stream = await client.chat.stream({ sessionId: "tour", message: "one two three" });
  for await (const chunk of stream) pieces.push(chunk.content);
  console.log("stream ", pieces.filter(Boolean).join("|"));

  const agent = await client.agents.spawn({ task: "Count the planets", timeout: 120 });
  const result = (await agent.waitForCompletion()).throwIfFailed();
  console.log("spawn  ", `${result.status}: ${result.output}`);

  for (const name of await verified(new Webhook(created.secret), requests)) console.log("verify ", name);
  await client.webhooks.endpoints.delete(created.endpoint.id);
  receiver.closeAllConnections();
  receiver.close();
}

/** Takes what the gateway tells; it is checked at the end of the tour. */
async function receive(request, response, requests) {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  requests.push({ body: Buffer.concat(pieces), headers: request.headers });
  response.writeHead(204).end();
}

/** The names of the events that arrived, each checked, and what became of one that was changed on its way. */
async function verified(webhook, requests) {
  const names = new Map(); // By id: an event may come twice.
  const end = Date.now() + PATIENCE_MS;
  for (let next = 0; names.size < EVENTS_OF_THE_TOUR; ) {
    if (next < requests.length) {
      const { body, headers } = requests[next++];
      const event = webhook.verify(body, headers);
      names.set(event.id, event.event);
    } else if (Date.now() > end) {
      throw new Error("the events did not come");
    } else {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  const { body, headers } = requests[0];
  try {
    webhook.verify(Buffer.concat([body, Buffer.from(" ")]), headers);
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    return [...[...names.values()].sort(), "a changed body is refused"];
  }
  throw new Error("a changed body was believed");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
