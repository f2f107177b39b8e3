// One main agent, three sub-agents side by side (search, analyse, report), one answer.
//
//     OPENCLAW_API_KEY=oc_api_sk_… node research.js "What should a small shop know about paper prices?"

const { OpenClawClient } = require("openclaw-sdk");
const { scriptFor } = require("./script.js");

const MODEL = process.env.OPENCLAW_MODEL ?? "echo";
const TIMEOUT_SECONDS = 300;
const INSTRUCTIONS = `You lead a team of three. First call agent_spawn three times at once, with the labels search, analyse and report:
search collects what is known, analyse says what it means, report says how to put it for the reader. Give each the question and its part
in full: it sees nothing else. Then call agent_wait with the three ids, and answer the question from what they found, in Markdown.`;

async function main(question) {
  const client = new OpenClawClient();
  const lead = await client.agents.spawn({
    label: "lead",
    task: MODEL === "echo" ? scriptFor(question) : question,
    instructions: INSTRUCTIONS,
    model: MODEL,
    skills: ["agent_spawn"],
    timeout: TIMEOUT_SECONDS,
  });
  await follow(lead);
  const done = await lead.waitForCompletion();
  console.log(`\n${await tree(client, done)}\n`);
  console.log(done.throwIfFailed().output);
}

/** Prints what the lead does, as it happens. */
async function follow(lead) {
  const began = Date.now();
  for await (const event of await lead.events()) {
    const step = event.event === "agent.step" ? `  ${event.data.step.tool ?? "asked its model"}` : "";
    console.error(`${String(Date.now() - began).padStart(6)} ms  ${event.event}${step}`);
  }
}

/** The lead and all below it, drawn with lines. */
async function tree(client, lead) {
  const agents = [];
  for await (const agent of client.agents.list({ rootId: lead.id })) agents.push(agent);
  const lines = [];
  const draw = (agent, lead, below) => {
    const { inputTokens, outputTokens, steps } = agent.usage;
    lines.push(`${lead}${agent.label}  ${agent.status}  ${steps} steps  ${inputTokens + outputTokens} tokens`);
    if (agent.parentId) lines.push(`${below}${agent.output ?? agent.error?.message}`);
    const children = agents.filter((other) => other.parentId === agent.id).sort((a, b) => (a.label < b.label ? -1 : 1));
    children.forEach((child, index) => {
      const isLast = index === children.length - 1;
      draw(child, `${below}${isLast ? "└── " : "├── "}`, `${below}${isLast ? "    " : "│   "}`);
    });
  };
  draw(lead, "", "");
  return lines.join("\n");
}

main(process.argv[2] ?? "What should a small shop know about paper prices?").catch((error) => {
  console.error(`${error.name}: ${error.message}`);
  process.exitCode = 1;
});
