// Package openclaw talks to an OpenClaw gateway: chat, agents, webhooks.
//
//	client := openclaw.NewClient("http://localhost:3000", "oc_api_sk_xxx")
//	reply, err := client.Chat.Send(ctx, openclaw.ChatRequest{SessionID: "user_123", Message: "Hello"})
//
// Every call takes a context and ends at once when the context does; what was under way at the gateway is hung up on. What
// streams or lists is an iterator for a range loop, whose last pair has the error if there is one. Errors are [*APIError];
// errors.Is tells of what kind. Settings are options, of the client or of a call: [WithTimeout], [WithMaxRetries] and so on.
//
// What may be absent is left out when it is the zero value; where zero is a value of its own, such as a temperature, it is
// a pointer: new(0.7) since Go 1.26.
//
// The work is done by the Rust client that all OpenClaw SDKs share, which is linked in: a C compiler is needed to build
// (CGO_ENABLED=1), and nothing at all to run. It opens its own connections, not net/http's; a proxy, certificates and
// headers are set by options.
package openclaw
