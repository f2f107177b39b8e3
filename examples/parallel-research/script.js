// What the model `echo` does in place of a real one: it plays the lead by a script, see docs/echo.md.

const PARTS = {
  search: (question) => `Found on "${question}": three price lists and one trade magazine.`,
  analyse: () => "The lists agree within 4 %; the magazine is a year old and was left out.",
  report: () => "Lead with the range, then the trend, then what to do on Monday.",
};

/** The lead's task: spawn one for each part, all at once; wait for all; join what they found. */
exports.scriptFor = (question) => {
  const names = Object.keys(PARTS);
  // A sub-agent takes a while, so that it can be seen that they work side by side.
  const spawns = names.map((label) => tool("agent_spawn", { label, task: `[[echo delay_ms=700]] ${PARTS[label](question)}` }));
  const ids = names.map((_, index) => `{{result.${index + 1}.id}}`);
  const wait = tool("agent_wait", { ids, mode: "all" });
  return `I ask three. ${spawns.join(" ")} [[then]] ${wait} [[then]] # ${question}\n\nWhat my three found:\n\n{{result.4}}`;
};

/** A directive; brackets inside of it are written as JSON escapes, as it ends at the first `]]`. */
function tool(name, args) {
  const json = JSON.stringify(args).replaceAll("[[", "\\u005b\\u005b").replaceAll("]]", "\\u005d\\u005d");
  return `[[tool ${name} ${json}]]`;
}
