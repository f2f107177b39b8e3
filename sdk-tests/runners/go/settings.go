package main

import (
	"time"

	"github.com/openclaw/go-sdk"
)

// settings are those of a client or of a call; what is absent is not set.
type settings struct {
	BaseURL        string            `json:"base_url"`
	APIKey         string            `json:"api_key"`
	TimeoutMs      *int64            `json:"timeout_ms"`
	IdleTimeoutMs  *int64            `json:"idle_timeout_ms"`
	MaxRetries     *uint32           `json:"max_retries"`
	IdempotencyKey *string           `json:"idempotency_key"`
	Headers        map[string]string `json:"headers"`
	Log            string            `json:"log"`
}

func (s settings) ofBoth() (options []openclaw.Option) {
	if s.TimeoutMs != nil {
		options = append(options, openclaw.WithTimeout(time.Duration(*s.TimeoutMs)*time.Millisecond))
	}
	if s.MaxRetries != nil {
		options = append(options, openclaw.WithMaxRetries(*s.MaxRetries))
	}
	for name, value := range s.Headers {
		options = append(options, openclaw.WithHTTPHeader(name, value))
	}
	return options
}

func (s settings) ofClient() (options []openclaw.ClientOption) {
	for _, option := range s.ofBoth() {
		options = append(options, option)
	}
	if s.IdleTimeoutMs != nil {
		options = append(options, openclaw.WithIdleTimeout(time.Duration(*s.IdleTimeoutMs)*time.Millisecond))
	}
	return options
}

func (s settings) ofCall() (options []openclaw.CallOption) {
	for _, option := range s.ofBoth() {
		options = append(options, option)
	}
	if s.IdempotencyKey != nil {
		options = append(options, openclaw.WithIdempotencyKey(*s.IdempotencyKey))
	}
	return options
}
