package openclaw

import (
	"context"
	"iter"
)

// ModelsService knows the models that may be asked for.
type ModelsService struct{ transport *transport }

// List gives the models that this gateway offers.
func (s *ModelsService) List(ctx context.Context, options ...CallOption) iter.Seq2[Model, error] {
	return list[Model](ctx, s.transport, "models.list", struct{}{}, options)
}

// StatusService knows how the gateway is doing.
type StatusService struct{ transport *transport }

// Get gets the gateway's version, load and providers.
func (s *StatusService) Get(ctx context.Context, options ...CallOption) (*Status, error) {
	return call[Status](ctx, s.transport, "status.get", struct{}{}, options)
}

// UsageService counts tokens.
type UsageService struct{ transport *transport }

// List gives tokens used, by UTC day and model, oldest first.
func (s *UsageService) List(
	ctx context.Context, params ListUsageParams, options ...CallOption,
) iter.Seq2[UsageBucket, error] {
	return list[UsageBucket](ctx, s.transport, "usage.list", params, options)
}

// SkillsService knows what agents may be granted.
type SkillsService struct{ transport *transport }

// List gives the skills that this gateway has.
func (s *SkillsService) List(ctx context.Context, options ...CallOption) iter.Seq2[Skill, error] {
	return list[Skill](ctx, s.transport, "skills.list", struct{}{}, options)
}
