package main

import (
	"encoding/json"
	"reflect"
	"strings"
)

// onWire is a typed value as JSON: its members as its type writes them, and those that its type does not know from what
// its RawJSON keeps.
func onWire(value any) any {
	reply, ok := value.(interface{ RawJSON() json.RawMessage })
	if !ok || reply.RawJSON() == nil {
		return value
	}
	all, typed := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	encoded, err := json.Marshal(value)
	if err != nil || json.Unmarshal(reply.RawJSON(), &all) != nil || json.Unmarshal(encoded, &typed) != nil {
		return value
	}
	for _, name := range members(reflect.TypeOf(value)) {
		delete(all, name)
	}
	for name, member := range typed {
		all[name] = member
	}
	return all
}

// members are the names that a type knows.
func members(kind reflect.Type) (names []string) {
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	for _, field := range reflect.VisibleFields(kind) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}
