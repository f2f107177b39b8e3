// Tries an installed package where nothing else is: it loads, calls over loopback, streams, and checks a webhook.

const assert = require("node:assert/strict");
const { createServer } = require("node:http");

const { OpenClawClient, verifyWebhook } = require("openclaw-sdk");

const server = createServer((request, response) => {
  let body = "";
  request.on("data", (text) => (body += text));
  request.on("end", () => {
    const reply = JSON.stringify({ id: "msg_1", content: "hello" });
    const isStream = JSON.parse(body).stream;
    response.writeHead(200, { "content-type": isStream ? "text/event-stream" : "application/json" });
    response.end(isStream ? `event: chunk\ndata: ${reply}\n\nevent: done\ndata: ${reply}\n\n` : reply);
  });
});

server.listen(0, "127.0.0.1", async () => {
  const client = new OpenClawClient({ baseURL: `http://127.0.0.1:${server.address().port}`, apiKey: "oc_api_sk_xxx" });
  assert.equal((await client.chat.send({ message: "hi" })).content, "hello");
  for await (const chunk of client.chat.stream({ message: "hi" })) assert.equal(chunk.content, "hello");
  assert.equal(verifyWebhook("{}", "sha256=00", "secret"), false);
  new OpenClawClient({ baseURL: "https://localhost", apiKey: "oc_api_sk_xxx" }).close();
  server.close();
  server.closeAllConnections();
  console.log(`openclaw-sdk ${require("openclaw-sdk/package.json").version} works on ${process.platform} ${process.arch}`);
});
