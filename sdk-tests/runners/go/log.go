package main

import (
	"context"
	"log/slog"
	"strings"
)

// lines is a handler that keeps what it is told.
type lines struct {
	level slog.Level
	told  *[]any
}

func logger(level string, told *[]any) *slog.Logger {
	if level == "debug" {
		return slog.New(lines{slog.LevelDebug, told})
	}
	return slog.New(lines{slog.LevelInfo, told})
}

func (l lines) Enabled(_ context.Context, level slog.Level) bool { return level >= l.level }

func (l lines) Handle(_ context.Context, record slog.Record) error {
	line := map[string]any{"level": strings.ToLower(record.Level.String()), "message": record.Message}
	record.Attrs(func(attribute slog.Attr) bool {
		line[attribute.Key] = attribute.Value.Any()
		return true
	})
	*l.told = append(*l.told, line)
	return nil
}

func (l lines) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l lines) WithGroup(string) slog.Handler      { return l }
