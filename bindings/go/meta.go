package openclaw

import "encoding/json"

// Meta is what a reply tells beside its members. It is part of every reply and filled in by the client.
type Meta struct {
	// The id of the request, to be told when something is asked about it; from the header `x-request-id`.
	RequestID string

	raw json.RawMessage
}

// RawJSON gives the reply as it came, with the members that this version does not know; nil if it did not come from a
// client.
func (m Meta) RawJSON() json.RawMessage { return m.raw }

// setMeta is how the client fills it in, through any reply that has it.
func (m *Meta) setMeta(requestID string, raw json.RawMessage) {
	m.RequestID, m.raw = requestID, raw
}
