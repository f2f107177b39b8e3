package main

import (
	"encoding/json"
	"net/http"
	"time"

	"github.com/openclaw/go-sdk"
)

func verifyWebhook(args map[string]json.RawMessage) (any, error) {
	return openclaw.VerifyWebhook(text(args["payload"]), text(args["signature"]), text(args["secret"])), nil
}

func verify(args map[string]json.RawMessage) (any, error) {
	var given struct {
		Secrets []string          `json:"secrets"`
		Body    string            `json:"body"`
		Headers map[string]string `json:"headers"`
		Now     int64             `json:"now"`
	}
	encoded, err := json.Marshal(args)
	if err == nil {
		err = json.Unmarshal(encoded, &given)
	}
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	for name, value := range given.Headers {
		header.Set(name, value)
	}
	webhook := openclaw.NewWebhook(given.Secrets...)
	webhook.Now = func() time.Time { return time.Unix(given.Now, 0) }
	event, err := webhook.Verify([]byte(given.Body), header)
	if err != nil {
		return nil, err
	}
	return event, nil
}
