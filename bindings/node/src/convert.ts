/**
 * Between JavaScript's spelling and the wire's, by the table in `types.ts`.
 *
 * Only what the table lists is renamed or looked into. All else crosses as it is: what the caller owns, such as
 * `metadata`, and what a newer gateway adds.
 */

import { eventTypes, members, type Member } from "./types.js";

/** A type that can be converted. */
export type TypeName = keyof typeof members;

type Json = Record<string, unknown>;
/** What becomes of a member: its other name, and how to look into it. */
type Step = { readonly name: string; readonly how: Member[2]; readonly type: string | undefined };
type Plan = ReadonlyMap<string, Step>;
/** Something of a type, still to be copied into its other form. */
type Open = { readonly type: TypeName | undefined; readonly from: Json; readonly into: Json };

const table: Readonly<Record<TypeName, readonly Member[]>> = members;
const toWirePlans = new Map<TypeName, Plan>();
const fromWirePlans = new Map<TypeName, Plan>();
const none: Plan = new Map();

/** A request in the wire's spelling; the value itself is left alone. */
export function toWire(type: TypeName, value: object): Json {
  return convert(value as Json, type, (open) => plan(open, toWirePlans, ([here, wire]) => [here, wire]));
}

/** A decoded reply in JavaScript's spelling; the value itself is left alone. */
export function fromWire<T extends object>(type: TypeName, value: object): T {
  return convert(value as Json, type, (open) => plan(open, fromWirePlans, ([here, wire]) => [wire, here])) as T;
}

function plan(type: TypeName | undefined, plans: Map<TypeName, Plan>, names: (member: Member) => string[]): Plan {
  if (type === undefined) return none;
  const known = plans.get(type);
  if (known) return known;
  const made = new Map<string, Step>();
  for (const member of table[type]) {
    const [from, name] = names(member) as [string, string];
    made.set(from, { name, how: member[2], type: member[3] });
  }
  plans.set(type, made);
  return made;
}

function convert(value: Json, type: TypeName, planOf: (type: TypeName | undefined) => Plan): Json {
  const root: Json = {};
  const waiting: Open[] = [{ type, from: value, into: root }];
  for (let open = waiting.pop(); open; open = waiting.pop()) {
    const steps = planOf(open.type);
    // Not `Object.entries`, which makes an array of each member: this runs for every chunk.
    for (const name of Object.keys(open.from)) {
      const held = open.from[name];
      const step = steps.get(name);
      set(open.into, step?.name ?? name, step?.how ? inside(step, held, open.from, waiting) : held);
    }
  }
  return root;
}

/** The shell of a nested value, whose members wait to be copied. */
function inside(step: Step, held: unknown, around: Json, waiting: Open[]): unknown {
  if (typeof held !== "object" || held === null) return held;
  const shell = (item: unknown, type = step.type as TypeName | undefined): unknown => {
    if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
    const into: Json = {};
    waiting.push({ type, from: item as Json, into });
    return into;
  };
  if (step.how === "event") {
    // Too large to be sent, it tells where it is.
    if ((held as Json)["thin"] === true) return shell(held, "ThinEvent");
    const event = String(around[step.type ?? ""]);
    return Object.hasOwn(eventTypes, event) ? shell(held, eventTypes[event]) : held;
  }
  if (step.how === "list") return Array.isArray(held) ? held.map((item) => shell(item)) : held;
  if (step.how === "one") return shell(held);
  const map: Json = {};
  for (const [key, item] of Object.entries(held)) set(map, key, shell(item));
  return map;
}

function set(into: Json, name: string, value: unknown): void {
  if (name !== "__proto__") into[name] = value;
  // Assigning would set the prototype instead of a member.
  else Object.defineProperty(into, name, { value, configurable: true, enumerable: true, writable: true });
}
