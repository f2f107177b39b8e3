// Three agents at once, and their results joined.
//
//     OPENCLAW_API_KEY=oc_api_sk_… node parallel-agents.ts

import { OpenClawClient } from "openclaw-sdk";

const client = new OpenClawClient();
const tasks = ["Search for what is new", "Analyse what was found", "Report it"];

async function work(task: string): Promise<string> {
  const agent = await client.agents.spawn({ task, timeout: 300, metadata: { task } });
  await agent.waitForCompletion({ timeout: 310_000 });
  return agent.status === "completed" ? (agent.output ?? "") : `(cut short: ${agent.error?.message}) ${agent.output ?? ""}`;
}

for (const result of await Promise.all(tasks.map(work))) console.log(result);
