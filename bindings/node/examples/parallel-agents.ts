// Three agents at once, and their results joined.
//
//     OPENCLAW_API_KEY=oc_api_sk_… node parallel-agents.ts

import { AgentFailedError, OpenClawClient } from "openclaw-sdk";

const client = new OpenClawClient();
const tasks = ["Search for what is new", "Analyse what was found", "Report it"];

async function work(task: string): Promise<string> {
  const agent = await client.agents.spawn({ task, timeout: 300, metadata: { task } });
  try {
    return (await agent.waitForCompletion({ timeout: 310_000 })).output ?? "";
  } catch (error) {
    if (!(error instanceof AgentFailedError)) throw error;
    return `(${error.message}; so far: ${error.agent.output ?? "nothing"})`;
  }
}

for (const result of await Promise.all(tasks.map(work))) console.log(result);
