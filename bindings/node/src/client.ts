/// <reference lib="esnext.disposable" preserve="true" />
/** The client: one gateway, one key, and a resource for every noun. */

import { Log } from "./log.js";
import { nativeClient, variable, type ClientOptions, type RequestOptions } from "./options.js";
import { Agents } from "./resources/agents.js";
import { Channels } from "./resources/channels.js";
import { Chat } from "./resources/chat.js";
import { Events } from "./resources/events.js";
import { Models, Skills, Status, Usage } from "./resources/gateway.js";
import { Keys } from "./resources/keys.js";
import { Schedules } from "./resources/schedules.js";
import { Sessions } from "./resources/sessions.js";
import { Webhooks } from "./resources/webhooks.js";
import { Transport } from "./transport.js";

/**
 * A gateway to talk to. Make one and keep it: it holds connections.
 *
 * @example
 * const client = new OpenClawClient({ baseURL: "http://localhost:3000", apiKey: "oc_api_sk_xxx" });
 * const { content } = await client.chat.send({ sessionId: "user_123", message: "帮我总结一下" });
 */
export class OpenClawClient implements AsyncDisposable {
  /** Workers that are spawned with a task. */
  readonly agents: Agents;
  /** Messages from channels of your own. */
  readonly channels: Channels;
  /** Messages to models. */
  readonly chat: Chat;
  /** What happened in this workspace. */
  readonly events: Events;
  /** The API keys of this workspace. */
  readonly keys: Keys;
  /** The models that may be asked for. */
  readonly models: Models;
  /** Agents that are spawned when their time comes. */
  readonly schedules: Schedules;
  /** The conversations of this workspace. */
  readonly sessions: Sessions;
  /** What agents may be granted. */
  readonly skills: Skills;
  /** How the gateway is doing. */
  readonly status: Status;
  /** Tokens used. */
  readonly usage: Usage;
  /** Who is told of events, and whether to believe what was told. */
  readonly webhooks: Webhooks;
  readonly #transport: Transport;
  readonly #options: ClientOptions;

  /**
   * Connects to nothing yet.
   *
   * @throws {ConfigError} If an option is wrong, or there is no key.
   */
  constructor(options?: ClientOptions);
  /** @internal */
  constructor(options: ClientOptions, transport: Transport);
  constructor(options: ClientOptions = {}, transport: Transport = made(options)) {
    this.#options = options;
    this.#transport = transport;
    this.agents = new Agents(transport);
    this.channels = new Channels(transport);
    this.chat = new Chat(transport);
    this.events = new Events(transport);
    this.keys = new Keys(transport);
    this.models = new Models(transport);
    this.schedules = new Schedules(transport);
    this.sessions = new Sessions(transport);
    this.skills = new Skills(transport);
    this.status = new Status(transport);
    this.usage = new Usage(transport);
    this.webhooks = new Webhooks(transport, options.webhookSecret ?? variable("OPENCLAW_WEBHOOK_SECRET"));
  }

  /** The same client, with other options for all its calls; it shares the connections. */
  withOptions(options: RequestOptions): OpenClawClient {
    return new OpenClawClient(this.#options, this.#transport.withOptions(options));
  }

  /** Lets go of the connections, once no call uses them. Not needed at the end of a program. */
  close(): void {
    this.#transport.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

function made(options: ClientOptions): Transport {
  const level = options.logLevel ?? variable("OPENCLAW_LOG")?.toLowerCase();
  return new Transport(nativeClient(options), {}, new Log(options.logger, level));
}
