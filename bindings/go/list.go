package openclaw

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
)

// list gives all rows of a list, fetched page by page as they are taken.
func list[T any](
	ctx context.Context, t *transport, operation string, arguments any, options []CallOption,
) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		arguments, after := arguments, ""
		for {
			page, err := listPage[T](ctx, t, operation, arguments, options)
			if err == nil && page.HasMore && page.Next == after {
				err = decodeError(errors.New("the next page is the same page"), page.RequestID)
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, row := range page.Data {
				if !yield(row, nil) {
					return
				}
			}
			if !page.HasMore {
				return
			}
			after = page.Next
			arguments = following(arguments, after)
		}
	}
}

// listPage gives one page of a list.
func listPage[T any](
	ctx context.Context, t *transport, operation string, arguments any, options []CallOption,
) (*Page[T], error) {
	raw, err := call[Page[json.RawMessage]](ctx, t, operation, arguments, options)
	if err != nil {
		return nil, err
	}
	page := &Page[T]{HasMore: raw.HasMore, Next: raw.Next, Meta: raw.Meta, Data: make([]T, len(raw.Data))}
	for at, row := range raw.Data {
		if err := decode(row, &raw.RequestID, &page.Data[at]); err != nil {
			return nil, err
		}
	}
	return page, nil
}

// following are the arguments of the page after that cursor.
func following(arguments any, after string) any {
	members := map[string]any{}
	encoded, err := json.Marshal(arguments)
	if err == nil {
		err = json.Unmarshal(encoded, &members)
	}
	if err != nil {
		return arguments // They were sent before, so they are a JSON object.
	}
	members["after"] = after
	return members
}
