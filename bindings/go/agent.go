package openclaw

import (
	"context"
	"iter"
)

// AgentsService spawns agents and tells of them.
type AgentsService struct{ transport *transport }

// AgentHandle is an agent as it stood when last heard of, and what can be done with it. Nothing in it changes by itself:
// each method gives a new one, so any number of goroutines may use it at once.
type AgentHandle struct {
	Agent

	service *AgentsService
}

// Spawn spawns an agent. It is accepted at once and works from then on.
func (s *AgentsService) Spawn(
	ctx context.Context, request SpawnAgentRequest, options ...CallOption,
) (*AgentHandle, error) {
	return s.handle(ctx, "agents.spawn", request, options)
}

// Get gets an agent by its id, `agt_…`; if the params say so, once it has ended or needs an answer.
func (s *AgentsService) Get(
	ctx context.Context, id string, params GetAgentParams, options ...CallOption,
) (*AgentHandle, error) {
	arguments := struct {
		byID
		GetAgentParams
	}{byID{id}, params}
	return s.handle(ctx, "agents.get", arguments, options)
}

// Handle gives an agent by its id without asking for it: nothing but its ID is filled in.
func (s *AgentsService) Handle(id string) *AgentHandle { return &AgentHandle{Agent{ID: id}, s} }

// List gives all agents, newest first, page by page.
func (s *AgentsService) List(
	ctx context.Context, params ListAgentsParams, options ...CallOption,
) iter.Seq2[Agent, error] {
	return list[Agent](ctx, s.transport, "agents.list", params, options)
}

// ListPage gives one page of agents.
func (s *AgentsService) ListPage(
	ctx context.Context, params ListAgentsParams, options ...CallOption,
) (*Page[Agent], error) {
	return listPage[Agent](ctx, s.transport, "agents.list", params, options)
}

// Wait waits for several agents, once: until all or any have ended or need an answer, or the request's time is up.
func (s *AgentsService) Wait(
	ctx context.Context, request WaitAgentsRequest, options ...CallOption,
) (*WaitAgentsResponse, error) {
	return call[WaitAgentsResponse](ctx, s.transport, "agents.wait", request, options)
}

// WaitForCompletion waits until an agent has completed; see [AgentHandle.Wait].
func (s *AgentsService) WaitForCompletion(
	ctx context.Context, id string, options ...CallOption,
) (*AgentHandle, error) {
	ended, err := s.handle(ctx, "agents.wait_for_completion", byID{id}, options)
	if err == nil && ended.Status != AgentStatusCompleted {
		err = &AgentFailedError{Agent: ended}
	}
	return ended, err
}

// Events gives what an agent does, from its beginning or from [WithLastEventID] on, to its end.
func (s *AgentsService) Events(ctx context.Context, id string, options ...CallOption) iter.Seq2[Event, error] {
	return s.transport.events(ctx, "agents.events", map[string]any{"id": id}, options)
}

// Cancel cancels an agent and all below it. One that has ended stays as it is.
func (s *AgentsService) Cancel(ctx context.Context, id string, options ...CallOption) (*AgentHandle, error) {
	return s.handle(ctx, "agents.cancel", byID{id}, options)
}

// Input answers one of an agent's RequiredActions, or says something to it on the way.
func (s *AgentsService) Input(
	ctx context.Context, id string, input AgentInput, options ...CallOption,
) (*AgentHandle, error) {
	arguments := struct {
		byID
		AgentInput
	}{byID{id}, input}
	return s.handle(ctx, "agents.input", arguments, options)
}

// Steps gives what an agent did, oldest first.
func (s *AgentsService) Steps(
	ctx context.Context, id string, params ListAgentStepsParams, options ...CallOption,
) iter.Seq2[AgentStep, error] {
	arguments := struct {
		byID
		ListAgentStepsParams
	}{byID{id}, params}
	return list[AgentStep](ctx, s.transport, "agents.steps", arguments, options)
}

// Children gives an agent's sub-agents, newest first.
func (s *AgentsService) Children(
	ctx context.Context, id string, params ListAgentChildrenParams, options ...CallOption,
) iter.Seq2[Agent, error] {
	arguments := struct {
		byID
		ListAgentChildrenParams
	}{byID{id}, params}
	return list[Agent](ctx, s.transport, "agents.children", arguments, options)
}

// Wait waits until the agent has completed, and gives it as it then is, its answer in Output.
//
// The error is an [*AgentFailedError] if it failed, was cancelled or needs an answer; the agent is given beside it. If the
// context ends first, the agent works on.
func (h *AgentHandle) Wait(ctx context.Context, options ...CallOption) (*AgentHandle, error) {
	return h.service.WaitForCompletion(ctx, h.ID, options...)
}

// Events gives what it does, from its beginning or from [WithLastEventID] on, to its end.
func (h *AgentHandle) Events(ctx context.Context, options ...CallOption) iter.Seq2[Event, error] {
	return h.service.Events(ctx, h.ID, options...)
}

// Refresh asks how it stands now.
func (h *AgentHandle) Refresh(ctx context.Context, options ...CallOption) (*AgentHandle, error) {
	return h.service.Get(ctx, h.ID, GetAgentParams{}, options...)
}

// Cancel cancels it and all below it. If it has ended it stays as it is.
func (h *AgentHandle) Cancel(ctx context.Context, options ...CallOption) (*AgentHandle, error) {
	return h.service.Cancel(ctx, h.ID, options...)
}

// Input answers one of its RequiredActions, or says something to it on the way.
func (h *AgentHandle) Input(ctx context.Context, input AgentInput, options ...CallOption) (*AgentHandle, error) {
	return h.service.Input(ctx, h.ID, input, options...)
}

// Steps gives what it did, oldest first.
func (h *AgentHandle) Steps(
	ctx context.Context, params ListAgentStepsParams, options ...CallOption,
) iter.Seq2[AgentStep, error] {
	return h.service.Steps(ctx, h.ID, params, options...)
}

// Children gives its sub-agents, newest first.
func (h *AgentHandle) Children(
	ctx context.Context, params ListAgentChildrenParams, options ...CallOption,
) iter.Seq2[Agent, error] {
	return h.service.Children(ctx, h.ID, params, options...)
}

func (s *AgentsService) handle(
	ctx context.Context, operation string, arguments any, options []CallOption,
) (*AgentHandle, error) {
	agent, err := call[Agent](ctx, s.transport, operation, arguments, options)
	if err != nil {
		return nil, err
	}
	return &AgentHandle{*agent, s}, nil
}
