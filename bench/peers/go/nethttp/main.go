// Go's standard library and nothing else: what a program weighs before it has an SDK.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/openclaw/openclaw/bench/peers/go/measure"
)

type plain struct{ url string }

func main() { measure.Main(func(url string) measure.SDK { return plain{url + "/api/v1/chat"} }) }

func (p plain) Call(message string) (string, error) {
	response, err := p.post(map[string]any{"message": message})
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	var reply struct{ Content string }
	err = json.NewDecoder(response.Body).Decode(&reply)
	return reply.Content, err
}

func (p plain) Read(message string) (count int, err error) {
	response, err := p.post(map[string]any{"message": message, "stream": true})
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	lines := bufio.NewScanner(response.Body)
	for name := ""; lines.Scan(); {
		if event, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			name = event
		}
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok || name != "chunk" {
			continue
		}
		var chunk struct{ Content string }
		if err := json.Unmarshal([]byte(data), &chunk); err != nil {
			return count, err
		}
		count++
	}
	return count, lines.Err()
}

func (p plain) post(body map[string]any) (*http.Response, error) {
	encoded, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequest(http.MethodPost, p.url, bytes.NewReader(encoded))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+measure.Key)
	response, err := http.DefaultClient.Do(request)
	if err == nil && response.StatusCode != http.StatusOK {
		response.Body.Close()
		err = fmt.Errorf("answered %s", response.Status)
	}
	return response, err
}
