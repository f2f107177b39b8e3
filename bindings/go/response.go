package openclaw

import (
	"net/textproto"

	"github.com/openclaw/go-sdk/internal/native"
)

// HTTPResponse is an answer without its body. It is filled in by [WithResponseInto].
type HTTPResponse struct {
	// The HTTP status, of the 200s: others are errors.
	StatusCode int
	// The headers, to be converted to an http.Header, or read by [HTTPResponse.Get].
	Header map[string][]string
	// The id of the request, to find it in the gateway's log.
	RequestID string
	// How many tries went before the one that this answers.
	Retries int
}

// Get gives the first header of that name, in any case; nothing if there is none.
func (r *HTTPResponse) Get(name string) string { return textproto.MIMEHeader(r.Header).Get(name) }

// see fills in what an answer told, for who asked for it.
func (s *callSettings) see(response *native.Response) {
	if s.response == nil || response == nil {
		return
	}
	header := make(textproto.MIMEHeader, len(response.Headers))
	for _, told := range response.Headers {
		header.Add(told.Name, told.Value)
	}
	*s.response = HTTPResponse{
		StatusCode: int(response.Status), Header: header, RequestID: header.Get("X-Request-Id"), Retries: int(response.Retries),
	}
}
