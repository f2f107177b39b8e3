package openclaw

import (
	"context"
	"iter"

	"github.com/openclaw/go-sdk/internal/native"
)

// stream gives the events of a streamed call as they come. Leaving the loop hangs up.
func (t *transport) stream(
	ctx context.Context, operation, arguments string, settings *callSettings,
) iter.Seq2[native.StreamEvent, error] {
	return func(yield func(native.StreamEvent, error) bool) {
		if err := ctx.Err(); err != nil {
			yield(nil, err)
			return
		}
		opened, err := t.native.Stream(operation, arguments, settings.native)
		if err != nil {
			yield(nil, errorOf(err))
			return
		}
		defer opened.Free()
		// What comes after the last batch was asked for is of no use: hang up rather than wait for the collector.
		defer opened.Close()
		for hasBegun := false; ; hasBegun = true {
			batch, err := opened.NextBatch(ctx)
			t.log(ctx)
			if !hasBegun {
				settings.requestID = opened.RequestID()
				settings.see(opened.Response())
			}
			if err != nil || batch == nil {
				if err = errorOf(err); err != nil {
					yield(nil, err)
				}
				return
			}
			for _, event := range batch {
				if !yield(event, nil) {
					return
				}
			}
		}
	}
}

// events gives the events of a streamed call that are the gateway's stored ones.
func (t *transport) events(
	ctx context.Context, operation string, arguments map[string]any, options []CallOption,
) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		var settings callSettings
		for _, option := range options {
			option.applyToCall(&settings)
		}
		if settings.lastEventID != "" {
			arguments["last_event_id"] = settings.lastEventID
		}
		encoded, settings, err := t.prepare(operation, arguments, options)
		if err != nil {
			yield(Event{}, err)
			return
		}
		for told, err := range t.stream(ctx, operation, encoded, &settings) {
			var event Event
			if other, ok := told.(native.StreamEventOther); ok && err == nil {
				err = decode([]byte(other.Data), nil, &event)
			}
			if !yield(event, err) || err != nil {
				return
			}
		}
	}
}

// chatChunks gives the chunks of a reply, and fills the whole reply in once it has come.
func (t *transport) chatChunks(
	ctx context.Context, request ChatRequest, options []CallOption,
) iter.Seq2[ChatChunk, error] {
	return func(yield func(ChatChunk, error) bool) {
		encoded, settings, err := t.prepare("chat.stream", request, options)
		if err != nil {
			yield(ChatChunk{}, err)
			return
		}
		for event, err := range t.stream(ctx, "chat.stream", encoded, &settings) {
			var chunks native.StreamEventChunks
			if err == nil {
				chunks, err = settings.accept(event)
			}
			if err != nil {
				yield(ChatChunk{}, err)
				return
			}
			for _, content := range chunks.Contents {
				if !yield(ChatChunk{ID: chunks.ID, SessionID: chunks.SessionID, Content: content}, nil) {
					return
				}
			}
		}
	}
}

// accept gives the chunks of an event; there are none in the reply's end, nor in one that this version does not know.
func (s *callSettings) accept(event native.StreamEvent) (chunks native.StreamEventChunks, err error) {
	switch event := event.(type) {
	case native.StreamEventChunks:
		return event, nil
	case native.StreamEventOther:
		switch {
		case event.Name == "chunk":
			var chunk ChatChunk
			err = decode([]byte(event.Data), s.requestID, &chunk)
			chunks = native.StreamEventChunks{ID: chunk.ID, SessionID: chunk.SessionID, Contents: []string{chunk.Content}}
		case event.Name == "done" && s.final != nil:
			err = decode([]byte(event.Data), s.requestID, s.final)
		}
	}
	return chunks, err
}
