package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/openclaw/go-sdk"
)

// call finds a method by its name's respelling and its arguments by their types, makes the call, and keeps what it gives.
func (a *answer) call(client *openclaw.Client, asked request) error {
	method, err := found(client, asked)
	if err != nil {
		return err
	}
	var final openclaw.ChatResponse
	var response openclaw.HTTPResponse
	arguments, err := given(method.Type(), asked, &final)
	if err != nil {
		return err
	}
	if asked.Response {
		arguments = append(arguments, reflect.ValueOf(openclaw.WithResponseInto(&response)))
		defer func() { a.Response = seen(response) }()
	}
	results := method.Call(arguments)
	last := results[len(results)-1]
	if last.Kind() == reflect.Func {
		err = a.take(last, asked.Take)
		if err == nil && asked.Take == nil && asked.Call == "chat.stream" {
			a.Returns = onWire(final)
		}
		return err
	}
	if len(results) == 2 && !results[0].IsNil() {
		a.Returns = onWire(results[0].Interface())
	}
	err, _ = last.Interface().(error)
	return err
}

// found gives client.Webhooks.Endpoints.RotateSecret for "webhooks.endpoints.rotate_secret".
func found(client *openclaw.Client, asked request) (reflect.Value, error) {
	value := reflect.ValueOf(client)
	names := strings.Split(asked.Call, ".")
	for _, name := range names[:len(names)-1] {
		value = value.Elem().FieldByName(exported(name))
		if !value.IsValid() {
			return value, fmt.Errorf("there is no %s", asked.Call)
		}
	}
	name := exported(names[len(names)-1])
	if asked.Page {
		name += "Page"
	}
	method := value.MethodByName(name)
	if !method.IsValid() {
		return method, fmt.Errorf("there is no %s: no method %s", asked.Call, name)
	}
	return method, nil
}

func exported(name string) string {
	words := strings.Split(name, "_")
	for at, word := range words {
		words[at] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// given makes the arguments: a context, the id where one is taken, a struct of what remains, the options.
func given(method reflect.Type, asked request, final *openclaw.ChatResponse) ([]reflect.Value, error) {
	arguments := []reflect.Value{reflect.ValueOf(context.Background())}
	options := append(asked.Options.ofCall(), openclaw.WithFinalResponse(final))
	if id, ok := asked.Args["last_event_id"]; ok {
		options = append(options, openclaw.WithLastEventID(text(id)))
		delete(asked.Args, "last_event_id")
	}
	for at := 1; at < method.NumIn()-1; at++ {
		if kind := method.In(at); kind.Kind() == reflect.String {
			arguments = append(arguments, reflect.ValueOf(text(asked.Args["id"])))
			delete(asked.Args, "id")
		} else {
			value, err := structOf(kind, asked.Args)
			if err != nil {
				return nil, err
			}
			asked.Args = nil
			arguments = append(arguments, value)
		}
	}
	if len(asked.Args) > 0 {
		return nil, fmt.Errorf("%s does not take %v", asked.Call, asked.Args)
	}
	for _, option := range options {
		arguments = append(arguments, reflect.ValueOf(option))
	}
	return arguments, nil
}

// structOf fills a struct in. A list becomes a text with commas where the struct has a text.
func structOf(kind reflect.Type, args map[string]json.RawMessage) (reflect.Value, error) {
	value := reflect.New(kind)
	for at := range kind.NumField() {
		field := kind.Field(at)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		var list []string
		if field.Type.Kind() == reflect.String && json.Unmarshal(args[name], &list) == nil {
			joined, _ := json.Marshal(strings.Join(list, ","))
			args[name] = joined
		}
	}
	encoded, err := json.Marshal(args)
	if err != nil {
		return value, err
	}
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	return value.Elem(), decoder.Decode(value.Interface())
}

// take goes over an iterator, over so many items of it if that is said, and gives the error that it ends with.
func (a *answer) take(sequence reflect.Value, count *int) error {
	items := []any{}
	a.Items = &items
	if count != nil && *count == 0 {
		return nil
	}
	for item, failure := range sequence.Seq2() {
		if err, ok := failure.Interface().(error); ok {
			return err
		}
		items = append(items, onWire(item.Interface()))
		if count != nil && len(items) == *count {
			break
		}
	}
	return nil
}

func text(encoded json.RawMessage) (value string) {
	json.Unmarshal(encoded, &value)
	return value
}

// seen is what an answer told beside its body; nothing if none came.
func seen(response openclaw.HTTPResponse) any {
	if response.StatusCode == 0 {
		return nil
	}
	headers := map[string]string{}
	for name, values := range response.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return map[string]any{
		"status": response.StatusCode, "headers": headers, "request_id": response.RequestID, "retries": response.Retries,
	}
}
