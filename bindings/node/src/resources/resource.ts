/** What every resource is: calls of one noun. */

import type { Transport } from "../transport.js";

/** Calls of one noun. */
export abstract class Resource {
  /** @internal */
  protected readonly transport!: Transport;

  /** @internal */
  constructor(transport: Transport) {
    // Not enumerable, so that a client that is printed shows no more than its nouns.
    Object.defineProperty(this, "transport", { value: transport });
  }
}
