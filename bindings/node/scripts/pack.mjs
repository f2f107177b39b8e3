// Packs what is published, into a folder: the package itself, and one for each native library that is handed over.
//
//     node scripts/pack.mjs <folder> [<platform>=<library> …]      e.g. linux-x64-gnu=target/release/libopenclaw_node.so
//     node scripts/pack.mjs <folder> --platform-of-this-machine <library>

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { likelyPlatforms, packageName, platforms } = createRequire(import.meta.url)("../dist/platform.js");
const here = join(import.meta.dirname, "..");
const repository = join(here, "..", "..");
const description = JSON.parse(readFileSync(join(here, "package.json"), "utf8"));
const [folder, ...rest] = process.argv.slice(2);
const libraries =
  rest[0] === "--platform-of-this-machine" ? [[likelyPlatforms()[0].name, rest[1]]] : rest.map((pair) => pair.split("="));

mkdirSync(folder, { recursive: true });
pack((stage) => {
  const { devDependencies: _, scripts: __, ...published } = description;
  const optionalDependencies = Object.fromEntries(platforms.map((one) => [packageName(one), description.version]));
  writeFileSync(join(stage, "package.json"), json({ ...published, optionalDependencies }));
  cpSync(join(here, "dist"), join(stage, "dist"), { recursive: true });
  cpSync(join(here, "README.md"), join(stage, "README.md"));
});
for (const [name, library] of libraries) {
  const platform = platforms.find((one) => one.name === name);
  pack((stage) => {
    cpSync(library, join(stage, "openclaw.node"));
    writeFileSync(join(stage, "README.md"), `# ${packageName(platform)}\n\nThe native half of openclaw-sdk for ${platform.target}.\n`);
    writeFileSync(join(stage, "package.json"), json(ofPlatform(platform)));
  });
}

function ofPlatform(platform) {
  const { version, license, repository: source, homepage, bugs, engines } = description;
  return {
    name: packageName(platform),
    version,
    description: `The native half of openclaw-sdk for ${platform.target}.`,
    homepage,
    repository: source,
    bugs,
    license,
    main: "openclaw.node",
    files: ["openclaw.node", "LICENSE-*"],
    os: [platform.os],
    cpu: [platform.cpu],
    ...(platform.libc ? { libc: [platform.libc] } : {}),
    engines,
  };
}

/** Fills a folder with what a package holds, and packs it. */
function pack(fill) {
  const stage = mkdtempSync(join(tmpdir(), "openclaw-pack-"));
  try {
    fill(stage);
    for (const license of ["LICENSE-MIT", "LICENSE-APACHE"]) cpSync(join(repository, license), join(stage, license));
    execFileSync("npm", ["pack", "--silent", "--pack-destination", folder, stage], { stdio: "inherit" });
  } finally {
    rmSync(stage, { recursive: true });
  }
}

function json(value) {
  return `${JSON.stringify(value, null, 2)}\n`;
}
