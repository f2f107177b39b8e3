package openclaw

import (
	"context"
	"iter"
)

// KeysService makes and revokes API keys.
type KeysService struct{ transport *transport }

// Create makes a key. Its secret is shown this once.
func (s *KeysService) Create(
	ctx context.Context, request CreateKeyRequest, options ...CallOption,
) (*CreatedKey, error) {
	return call[CreatedKey](ctx, s.transport, "keys.create", request, options)
}

// List gives all keys, newest first, page by page; never their secrets.
func (s *KeysService) List(ctx context.Context, params ListKeysParams, options ...CallOption) iter.Seq2[Key, error] {
	return list[Key](ctx, s.transport, "keys.list", params, options)
}

// ListPage gives one page of keys.
func (s *KeysService) ListPage(
	ctx context.Context, params ListKeysParams, options ...CallOption,
) (*Page[Key], error) {
	return listPage[Key](ctx, s.transport, "keys.list", params, options)
}

// Revoke makes a key stop working, everywhere and within a second.
func (s *KeysService) Revoke(ctx context.Context, id string, options ...CallOption) error {
	return do(ctx, s.transport, "keys.revoke", byID{id}, options)
}
