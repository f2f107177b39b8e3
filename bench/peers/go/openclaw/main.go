// The Go SDK of OpenClaw, measured.
package main

import (
	"context"

	"github.com/openclaw/go-sdk"
	"github.com/openclaw/openclaw/bench/peers/go/measure"
)

type sdk struct{ client *openclaw.Client }

func main() {
	measure.Main(func(url string) measure.SDK { return sdk{openclaw.NewClient(url, measure.Key)} })
}

func (s sdk) Call(message string) (string, error) {
	reply, err := s.client.Chat.Send(context.Background(), openclaw.ChatRequest{Message: message})
	if err != nil {
		return "", err
	}
	return reply.Content, nil
}

func (s sdk) Read(message string) (count int, err error) {
	for _, err := range s.client.Chat.Stream(context.Background(), openclaw.ChatRequest{Message: message}) {
		if err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}
