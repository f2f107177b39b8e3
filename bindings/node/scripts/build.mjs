// Builds `dist`: types and ES modules as the compiler writes them, and four CommonJS files made of all the others, because
// loading one file costs a fourth of loading twenty-five.

import { execFileSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";

import { build } from "esbuild";

const here = join(import.meta.dirname, "..");
const dist = join(here, "dist");
/** What is loaded from a file of its own, by the module that asks for it. */
const shared = { convert: "core", errors: "core", webhook: "core", platform: "platform" };

rmSync(dist, { recursive: true, force: true });
execFileSync(join(here, "node_modules", ".bin", "tsc"), ["-p", here], { stdio: "inherit", shell: process.platform === "win32" });
for (const file of readdirSync(dist, { recursive: true })) if (file.endsWith(".js")) rmSync(join(dist, file));

const options = { absWorkingDir: here, bundle: true, platform: "node", target: "node20", format: "cjs", keepNames: true, outdir: "dist" };
await build({ ...options, entryPoints: ["src/core.ts", "src/platform.ts"] });
await build({ ...options, entryPoints: ["src/index.ts", "src/webhooks.ts"], plugins: [{ name: "shared", setup }] });

function setup({ onResolve }) {
  onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ path }) => {
    const file = shared[basename(path, ".js")];
    return file ? { path: `./${file}.js`, external: true } : undefined;
  });
}
