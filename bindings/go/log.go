package openclaw

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"
)

// logLine is what the Rust client tells of a request; what does not apply is zero.
type logLine struct {
	Level      string  `json:"level"`
	TimeMs     int64   `json:"time_ms"`
	Message    string  `json:"message"`
	Method     string  `json:"method"`
	Path       string  `json:"path"`
	Attempt    int     `json:"attempt"`
	Status     int     `json:"status"`
	DurationMs *uint64 `json:"duration_ms"`
	RequestID  string  `json:"request_id"`
	Error      string  `json:"error"`
	WaitMs     *uint64 `json:"wait_ms"`
}

// log tells the logger what calls have told since.
func (t *transport) log(ctx context.Context) {
	if t.logger == nil {
		return
	}
	told, err := t.native.TakeLog()
	if err != nil || told == nil {
		return // A client that was closed tells no more.
	}
	var lines []logLine
	if json.Unmarshal([]byte(*told), &lines) != nil {
		return
	}
	handler := t.logger.Handler()
	for _, line := range lines {
		record := line.record()
		if handler.Enabled(ctx, record.Level) {
			// A logger has nobody to tell that it failed.
			_ = handler.Handle(ctx, record)
		}
	}
}

// record is the line with the time at which it was told.
func (l *logLine) record() slog.Record {
	level := slog.LevelInfo
	if l.Level == "debug" {
		level = slog.LevelDebug
	}
	record := slog.NewRecord(time.UnixMilli(l.TimeMs), level, l.Message, 0)
	record.AddAttrs(slog.String("method", l.Method), slog.String("path", l.Path), slog.Int("attempt", l.Attempt))
	if l.Status != 0 {
		record.AddAttrs(slog.Int("status", l.Status))
	}
	if l.DurationMs != nil {
		record.AddAttrs(slog.Uint64("duration_ms", *l.DurationMs))
	}
	if l.RequestID != "" {
		record.AddAttrs(slog.String("request_id", l.RequestID))
	}
	if l.Error != "" {
		record.AddAttrs(slog.String("error", l.Error))
	}
	if l.WaitMs != nil {
		record.AddAttrs(slog.Uint64("wait_ms", *l.WaitMs))
	}
	return record
}
