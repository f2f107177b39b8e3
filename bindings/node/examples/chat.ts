// A conversation: a whole reply, then one as it comes.
//
//     OPENCLAW_API_KEY=oc_api_sk_… node chat.ts "帮我写个Python脚本"

import { OpenClawClient, RateLimitError } from "openclaw-sdk";

const client = new OpenClawClient();
const message = process.argv[2] ?? "Tell me a story";

try {
  const reply = await client.chat.send({ sessionId: "user_123", message, context: { temperature: 0.7 } });
  console.log(`${reply.model}: ${reply.content} (${reply.usage.outputTokens} tokens)`);

  const stream = await client.chat.stream({ sessionId: "user_123", message: "And shorter?" }, { timeout: 30_000 });
  for await (const chunk of stream) process.stdout.write(chunk.content);
  const { finishReason } = await stream.finalResponse();
  console.log(finishReason === "length" ? " …" : "");
} catch (error) {
  if (!(error instanceof RateLimitError)) throw error;
  console.error(`too fast; again in ${error.retryAfterMs ?? 1000} ms`);
}
