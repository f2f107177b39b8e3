package openclaw

import (
	"context"
	"iter"
)

// SchedulesService knows schedules: agents that are spawned when their time comes.
type SchedulesService struct{ transport *transport }

// Create makes a schedule; the reply shows its next five slots.
func (s *SchedulesService) Create(
	ctx context.Context, request CreateScheduleRequest, options ...CallOption,
) (*Schedule, error) {
	return call[Schedule](ctx, s.transport, "schedules.create", request, options)
}

// List gives all schedules, newest first, page by page.
func (s *SchedulesService) List(
	ctx context.Context, params ListSchedulesParams, options ...CallOption,
) iter.Seq2[Schedule, error] {
	return list[Schedule](ctx, s.transport, "schedules.list", params, options)
}

// ListPage gives one page of schedules.
func (s *SchedulesService) ListPage(
	ctx context.Context, params ListSchedulesParams, options ...CallOption,
) (*Page[Schedule], error) {
	return listPage[Schedule](ctx, s.transport, "schedules.list", params, options)
}

// Get gets a schedule by its id, "sch_…".
func (s *SchedulesService) Get(ctx context.Context, id string, options ...CallOption) (*Schedule, error) {
	return call[Schedule](ctx, s.transport, "schedules.get", byID{id}, options)
}

// Update changes a schedule; what is absent stays. Enabled pauses it and lets it go on.
func (s *SchedulesService) Update(
	ctx context.Context, id string, request UpdateScheduleRequest, options ...CallOption,
) (*Schedule, error) {
	arguments := struct {
		byID
		UpdateScheduleRequest
	}{byID{id}, request}
	return call[Schedule](ctx, s.transport, "schedules.update", arguments, options)
}

// Delete removes a schedule and its history; its agents stay.
func (s *SchedulesService) Delete(ctx context.Context, id string, options ...CallOption) error {
	return do(ctx, s.transport, "schedules.delete", byID{id}, options)
}

// Run runs it now, paused or not, beside its slots.
func (s *SchedulesService) Run(ctx context.Context, id string, options ...CallOption) (*ScheduleRun, error) {
	return call[ScheduleRun](ctx, s.transport, "schedules.run", byID{id}, options)
}

// Runs gives what became of its slots, newest first, page by page.
func (s *SchedulesService) Runs(
	ctx context.Context, id string, params ListScheduleRunsParams, options ...CallOption,
) iter.Seq2[ScheduleRun, error] {
	return list[ScheduleRun](ctx, s.transport, "schedules.runs", runsOf{byID{id}, params}, options)
}

// RunsPage gives one page of what became of its slots.
func (s *SchedulesService) RunsPage(
	ctx context.Context, id string, params ListScheduleRunsParams, options ...CallOption,
) (*Page[ScheduleRun], error) {
	return listPage[ScheduleRun](ctx, s.transport, "schedules.runs", runsOf{byID{id}, params}, options)
}

type runsOf struct {
	byID
	ListScheduleRunsParams
}
