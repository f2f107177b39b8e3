package openclaw

import (
	"errors"
	"time"

	"github.com/openclaw/go-sdk/internal/native"
)

// APIError is why a call gave no reply. Whatever went wrong, short of the context's own end, is one:
//
//	var failed *openclaw.APIError
//	if errors.As(err, &failed) {
//		log.Println(failed.StatusCode, failed.Code, failed.RequestID)
//	}
//
// To branch on what it is, compare with the errors below: errors.Is(err, [ErrNotFound]).
type APIError struct {
	// What went wrong in one word: the gateway's ErrorType, or `connection`, `timeout`, `interrupted`, `decode`, `config`,
	// `unknown`.
	Kind string
	// The HTTP status; 0 if the gateway did not answer.
	StatusCode int
	// The gateway's finer name of the failure, such as `session_not_found`.
	Code string
	// For people: what was wrong and what to do.
	Message string
	// The field of the request that was wrong, such as `context.temperature`.
	Param string
	// The id of the request, to find it in the gateway's log.
	RequestID string
	// The wait before another try that the gateway asked for; nil if it did not.
	RetryAfter *time.Duration
	// The gateway's answer as it came, at most its first 64 KiB.
	Body string

	text string
}

// What an [APIError] can be; use errors.Is.
var (
	// 400: the request is wrong; Param names the field.
	ErrInvalidRequest error = kind("invalid_request_error")
	// 401: the API key is missing, unknown, expired or revoked.
	ErrAuthentication error = kind("authentication_error")
	// 403: the key may not do this.
	ErrPermission error = kind("permission_error")
	// 404: there is no such thing in the key's workspace.
	ErrNotFound error = kind("not_found_error")
	// 409: it does not go with how things stand.
	ErrConflict error = kind("conflict_error")
	// 413: the body is larger than the gateway takes.
	ErrRequestTooLarge error = kind("request_too_large")
	// 429: too many requests; RetryAfter says how long to wait.
	ErrRateLimited error = kind("rate_limit_error")
	// 500: the gateway failed; its log has the cause under RequestID.
	ErrInternal error = kind("api_error")
	// 502: the model's vendor failed.
	ErrProvider error = kind("provider_error")
	// 503: too much work at once, or shutting down.
	ErrOverloaded error = kind("overloaded_error")
	// 504: it took longer than the gateway allows.
	ErrGatewayTimeout error = kind("timeout_error")
	// An answer that is a failure, but none that this version knows.
	ErrUnknown error = kind("unknown")
	// No answer came: refused, reset, no such host, no trust in the certificate.
	ErrConnection error = kind("connection")
	// It took longer than this client allows.
	ErrTimeout error = kind("timeout")
	// An answer began and broke off. What came of it is not the whole reply.
	ErrInterrupted error = kind("interrupted")
	// An answer came that is not what this call answers: another server, or one of another version.
	ErrDecode error = kind("decode")
	// The client, or this call, is set up wrongly; nothing was sent.
	ErrConfig error = kind("config")
)

// Error is the message, with status, code and request id where there are any.
func (e *APIError) Error() string { return "openclaw: " + e.text }

// Is makes errors.Is true for the error above that it is.
func (e *APIError) Is(target error) bool {
	word, ok := target.(kind)
	return ok && e.Kind == string(word)
}

// Timeout is whether it took longer than this client allows; as of net.Error.
func (e *APIError) Timeout() bool { return e.Kind == string(ErrTimeout.(kind)) }

// AgentFailedError is that an agent that was waited for did not complete: it failed, was cancelled, or needs an answer.
type AgentFailedError struct {
	// The agent as it stands, with what it had found in Output.
	Agent *AgentHandle
}

// Error tells why it did not complete.
func (e *AgentFailedError) Error() string {
	agent := e.Agent
	switch {
	case agent.Status == AgentStatusRequiresAction:
		return "openclaw: agent " + agent.ID + " needs an answer: see its RequiredActions, and answer with Input"
	case agent.Error == nil:
		return "openclaw: agent " + agent.ID + " is " + string(agent.Status)
	default:
		return "openclaw: agent " + agent.ID + " " + string(agent.Status) + ": " + agent.Error.Message +
			" (" + agent.Error.Code + ")"
	}
}

// kind is the word of an [APIError]; as an error it is what errors.Is compares with.
type kind string

func (k kind) Error() string { return "openclaw: " + string(k) }

// errorOf is the error that users see of one that the Rust side gave; the context's stay as they are.
func errorOf(err error) error {
	var failed *native.CallErrorFailed
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failed):
		return ofRecord(failed)
	case errors.Is(err, native.ErrFreed):
		return configError("the client is closed")
	default:
		return err
	}
}

func ofRecord(failed *native.CallErrorFailed) *APIError {
	e := &APIError{
		Kind:      failed.Kind,
		Code:      orEmpty(failed.Code),
		Message:   failed.Message,
		Param:     orEmpty(failed.Param),
		RequestID: orEmpty(failed.RequestID),
		Body:      orEmpty(failed.Body),
		text:      failed.Text,
	}
	if failed.Status != nil {
		e.StatusCode = int(*failed.Status)
	}
	if failed.RetryAfterMs != nil {
		wait := time.Duration(*failed.RetryAfterMs) * time.Millisecond
		e.RetryAfter = &wait
	}
	return e
}

func configError(message string) *APIError {
	return &APIError{Kind: string(ErrConfig.(kind)), Message: message, text: message}
}

func decodeError(cause error, requestID string) *APIError {
	message := "the gateway's answer could not be read: " + cause.Error()
	text := message
	if requestID != "" {
		text += " (" + requestID + ")"
	}
	return &APIError{Kind: string(ErrDecode.(kind)), Message: message, RequestID: requestID, text: text}
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

var _ interface{ Timeout() bool } = (*APIError)(nil)
