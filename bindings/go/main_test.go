package openclaw_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openclaw/go-sdk"
)

// The real gateway with its model `echo`, as the conformance suite's harness starts it.
var gateway struct {
	URL string `json:"gateway_url"`
	Key string `json:"api_key"`
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	root := filepath.Join("..", "..")
	target := os.Getenv("CARGO_TARGET_DIR")
	if target == "" {
		target = filepath.Join(root, "target")
	}
	serve := exec.Command(
		filepath.Join(target, "debug", "openclaw-sdk-tests"),
		"--gateway", filepath.Join(target, "debug", "openclaw"), "--repository", root, "serve",
	)
	serve.Stderr = os.Stderr
	// It stays until its input ends.
	input, output := must(serve.StdinPipe()), must(serve.StdoutPipe())
	if err := serve.Start(); err != nil {
		fmt.Fprintln(os.Stderr, "there is no gateway to test with: run `make test-go`:", err)
		return 1
	}
	defer serve.Wait()
	defer input.Close()
	line := must(bufio.NewReader(output).ReadBytes('\n'))
	if err := json.Unmarshal(line, &gateway); err != nil {
		panic(err)
	}
	// Examples make a client of what the environment says.
	os.Setenv("OPENCLAW_BASE_URL", gateway.URL)
	os.Setenv("OPENCLAW_API_KEY", gateway.Key)
	return m.Run()
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// ofGateway is a client of the real gateway.
func ofGateway(t *testing.T, options ...openclaw.ClientOption) *openclaw.Client {
	client := openclaw.NewClient(gateway.URL, gateway.Key, options...)
	t.Cleanup(client.Close)
	return client
}

// answer is what a stand-in answers to one request.
type answer struct {
	status int
	header http.Header
	body   string
}

// seen is a request that a stand-in got.
type seen struct {
	route  string
	header http.Header
	body   string
}

// standIn answers with each of the answers in turn, and keeps the requests.
func standIn(t *testing.T, answers ...answer) (*openclaw.Client, func() []seen) {
	requests := make(chan seen, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := must(io.ReadAll(r.Body))
		next := answer{status: http.StatusTeapot}
		if at := len(requests); at < len(answers) {
			next = answers[at]
		}
		requests <- seen{r.Method + " " + r.URL.RequestURI(), r.Header, string(body)}
		w.Header().Set("x-request-id", "req_standin")
		for name, values := range next.header {
			w.Header()[name] = values
		}
		w.WriteHeader(next.status)
		io.WriteString(w, next.body)
	}))
	t.Cleanup(server.Close)
	client := openclaw.NewClient(server.URL, "oc_api_sk_xxx", openclaw.WithProxy(""))
	t.Cleanup(client.Close)
	return client, func() []seen {
		var all []seen
		for len(requests) > 0 {
			all = append(all, <-requests)
		}
		return all
	}
}

// failure is an answer in the gateway's envelope.
func failure(status int, kind, code string, header http.Header) answer {
	body := fmt.Sprintf(
		`{"type":"error","error":{"type":%q,"code":%q,"message":"said so","param":"message"},"request_id":"req_standin"}`,
		kind, code,
	)
	return answer{status, header, body}
}

// unique is an id that no other test uses.
func unique(t *testing.T) string { return strings.ReplaceAll(t.Name(), "/", "_") }
