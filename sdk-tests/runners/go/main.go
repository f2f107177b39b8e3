// Command go makes the calls of the conformance suite with the Go SDK; see sdk-tests/README.md, "A runner".
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/openclaw/go-sdk"
)

// request is a line of the harness.
type request struct {
	ID      int                        `json:"id"`
	Call    string                     `json:"call"`
	Args    map[string]json.RawMessage `json:"args"`
	Client  *settings                  `json:"client"`
	Options settings                   `json:"options"`
	Page    bool                       `json:"page"`
	Take    *int                       `json:"take"`
	// Response asks for what the answer told beside its body.
	Response bool `json:"response"`
}

// answer is what came of it.
type answer struct {
	ID      int    `json:"id"`
	Returns any    `json:"returns,omitempty"`
	Items   *[]any `json:"items,omitempty"`
	Error   any    `json:"error,omitempty"`
	// Response is what the answer told beside its body.
	Response any    `json:"response,omitempty"`
	Log      *[]any `json:"log,omitempty"`
}

func main() {
	input, output := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		line, err := input.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		var asked request
		if err == nil {
			err = json.Unmarshal(line, &asked)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "the harness cannot be understood:", err)
			os.Exit(1)
		}
		answered := answer{ID: asked.ID}
		if err := answered.fill(asked); err != nil {
			answered.Error = described(err)
		}
		if err := output.Encode(answered); err != nil {
			fmt.Fprintln(os.Stderr, "the harness is gone:", err)
			os.Exit(1)
		}
	}
}

func (a *answer) fill(asked request) (err error) {
	switch asked.Call {
	case "verify_webhook":
		a.Returns, err = verifyWebhook(asked.Args)
		return err
	case "webhook.verify":
		a.Returns, err = verify(asked.Args)
		return err
	}
	if asked.Client == nil {
		return fmt.Errorf("%s needs a client", asked.Call)
	}
	options := asked.Client.ofClient()
	if asked.Client.Log != "" {
		a.Log = &[]any{}
		options = append(options, openclaw.WithLogger(logger(asked.Client.Log, a.Log)))
	}
	client := openclaw.NewClient(asked.Client.BaseURL, asked.Client.APIKey, options...)
	defer client.Close()
	return a.call(client, asked)
}
