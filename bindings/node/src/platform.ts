/** Which platform this is, and which package holds the native half for it. */

import { readFileSync } from "node:fs";

/** A platform that the native half is built for. */
export interface Platform {
  /** As in the name of its package. */
  readonly name: string;
  readonly os: string;
  readonly cpu: string;
  readonly libc?: "glibc" | "musl";
  /** What Rust calls it. */
  readonly target: string;
}

/** Every platform that the native half is built for. */
export const platforms: readonly Platform[] = [
  { name: "linux-x64-gnu", os: "linux", cpu: "x64", libc: "glibc", target: "x86_64-unknown-linux-gnu" },
  { name: "linux-arm64-gnu", os: "linux", cpu: "arm64", libc: "glibc", target: "aarch64-unknown-linux-gnu" },
  { name: "linux-x64-musl", os: "linux", cpu: "x64", libc: "musl", target: "x86_64-unknown-linux-musl" },
  { name: "linux-arm64-musl", os: "linux", cpu: "arm64", libc: "musl", target: "aarch64-unknown-linux-musl" },
  { name: "darwin-x64", os: "darwin", cpu: "x64", target: "x86_64-apple-darwin" },
  { name: "darwin-arm64", os: "darwin", cpu: "arm64", target: "aarch64-apple-darwin" },
  { name: "win32-x64-msvc", os: "win32", cpu: "x64", target: "x86_64-pc-windows-msvc" },
  { name: "win32-arm64-msvc", os: "win32", cpu: "arm64", target: "aarch64-pc-windows-msvc" },
];

/** The platforms that this process may be, the likeliest first; none if the native half is built for none. */
export function likelyPlatforms(): Platform[] {
  const library = libc();
  const possible = platforms.filter((known) => known.os === process.platform && known.cpu === process.arch);
  return possible.filter((known) => known.libc === library || library === undefined);
}

/** The name of the package that holds the native half for a platform. */
export function packageName(platform: Platform): string {
  return `@openclaw/sdk-${platform.name}`;
}

/**
 * The C library that this process runs on; on Linux only, where there are two, and only if it can be told.
 *
 * Node's own report tells it too, but takes 50 ms to make.
 */
export function libc(): "glibc" | "musl" | undefined {
  if (process.platform !== "linux") return undefined;
  const maps = readIfPossible("/proc/self/maps");
  if (/\/(ld-musl-|libc\.musl-)/.test(maps)) return "musl";
  return /\/libc(\.so\.6|-2\.\d+\.so)/.test(maps) ? "glibc" : undefined;
}

function readIfPossible(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
