// The Go SDK of OpenAI, measured.
package main

import (
	"context"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openclaw/openclaw/bench/peers/go/measure"
)

type sdk struct{ client openai.Client }

func main() {
	measure.Main(func(url string) measure.SDK {
		return sdk{openai.NewClient(option.WithBaseURL(url+"/v1"), option.WithAPIKey(measure.Key))}
	})
}

func (s sdk) Call(message string) (string, error) {
	reply, err := s.client.Chat.Completions.New(context.Background(), request(message))
	if err != nil {
		return "", err
	}
	return reply.Choices[0].Message.Content, nil
}

func (s sdk) Read(message string) (count int, err error) {
	stream := s.client.Chat.Completions.NewStreaming(context.Background(), request(message))
	defer stream.Close()
	for stream.Next() {
		count++
	}
	return count, stream.Err()
}

func request(message string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model:    measure.Model,
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(message)},
	}
}
