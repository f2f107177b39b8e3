package main

import (
	"errors"

	"github.com/openclaw/go-sdk"
)

// kinds are the errors that users compare with, by the suite's words.
var kinds = map[string]error{
	"invalid_request_error": openclaw.ErrInvalidRequest,
	"authentication_error":  openclaw.ErrAuthentication,
	"permission_error":      openclaw.ErrPermission,
	"not_found_error":       openclaw.ErrNotFound,
	"conflict_error":        openclaw.ErrConflict,
	"request_too_large":     openclaw.ErrRequestTooLarge,
	"rate_limit_error":      openclaw.ErrRateLimited,
	"api_error":             openclaw.ErrInternal,
	"provider_error":        openclaw.ErrProvider,
	"overloaded_error":      openclaw.ErrOverloaded,
	"timeout_error":         openclaw.ErrGatewayTimeout,
	"unknown":               openclaw.ErrUnknown,
	"connection":            openclaw.ErrConnection,
	"timeout":               openclaw.ErrTimeout,
	"interrupted":           openclaw.ErrInterrupted,
	"decode":                openclaw.ErrDecode,
	"config":                openclaw.ErrConfig,
}

type description struct {
	Kind         string `json:"kind"`
	Status       int    `json:"status,omitempty"`
	Code         string `json:"code,omitempty"`
	Param        string `json:"param,omitempty"`
	Message      string `json:"message"`
	RequestID    string `json:"request_id,omitempty"`
	RetryAfterMs *int64 `json:"retry_after_ms,omitempty"`
	Body         string `json:"body,omitempty"`
}

// described reads an error as a user would.
func described(err error) description {
	var refused *openclaw.WebhookError
	if errors.As(err, &refused) {
		return description{Kind: "webhook", Code: refused.Code, Message: refused.Message}
	}
	var failed *openclaw.APIError
	if !errors.As(err, &failed) {
		return description{Kind: "runner", Message: err.Error()}
	}
	told := description{
		Kind: "runner", Status: failed.StatusCode, Code: failed.Code, Param: failed.Param, Message: failed.Message,
		RequestID: failed.RequestID, Body: failed.Body,
	}
	for word, kind := range kinds {
		if errors.Is(err, kind) {
			told.Kind = word
		}
	}
	if failed.RetryAfter != nil {
		wait := failed.RetryAfter.Milliseconds()
		told.RetryAfterMs = &wait
	}
	return told
}
