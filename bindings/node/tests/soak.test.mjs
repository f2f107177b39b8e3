// Many calls and streams, half of them abandoned: nothing grows. OPENCLAW_TEST_SOAK says how many; 100000 is the full length.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";

import { ended, KEY, startGateway } from "./gateway.mjs";

const CALLS = process.env.OPENCLAW_TEST_SOAK ?? "3000";

test("nothing is left", { skip: process.platform !== "linux" }, async (context) => {
  const gateway = await startGateway();
  try {
    const program = join(import.meta.dirname, "soak.mjs");
    const { code, out, err } = await ended(
      spawn(process.execPath, ["--expose-gc", program, gateway.url, KEY, CALLS], { cwd: import.meta.dirname }),
    );
    context.diagnostic(out.trim());
    assert.deepEqual([code, err], [0, ""], out);
    assert.ok(await gateway.becomesIdle(1000), "the gateway is left alone too");
  } finally {
    await gateway.stop();
  }
});
