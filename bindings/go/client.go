package openclaw

import (
	"runtime"

	"github.com/openclaw/go-sdk/internal/native"
)

// Client is one gateway and one key. Make one and keep it: it holds connections, and any number of goroutines may use it
// at once.
type Client struct {
	// Workers that are spawned with a task.
	Agents *AgentsService
	// Messages from channels of your own.
	Channels *ChannelsService
	// Messages to models.
	Chat *ChatService
	// What happened in this workspace.
	Events *EventsService
	// The API keys of this workspace.
	Keys *KeysService
	// The models that may be asked for.
	Models *ModelsService
	// Agents that are spawned when their time comes.
	Schedules *SchedulesService
	// The conversations of this workspace.
	Sessions *SessionsService
	// What agents may be granted.
	Skills *SkillsService
	// How the gateway is doing.
	Status *StatusService
	// Tokens used.
	Usage *UsageService
	// Who is told of events.
	Webhooks *WebhooksService

	transport *transport
}

// NewClient makes a client of the gateway at that address with that API key, `oc_api_sk_…`. It connects to nothing yet.
//
// Empty, they are OPENCLAW_BASE_URL (else http://localhost:3000) and OPENCLAW_API_KEY. What is wrong with them, or with an
// option, is told by every call as an error that is [ErrConfig].
func NewClient(baseURL, apiKey string, options ...ClientOption) *Client {
	settings := clientSettings{native: native.Settings{
		BaseURL:   present(baseURL),
		APIKey:    present(apiKey),
		UserAgent: "openclaw-go/" + native.Version() + " " + runtime.Version() + " " + runtime.GOOS + "/" + runtime.GOARCH,
	}}
	for _, option := range options {
		option.applyToClient(&settings)
	}
	t := &transport{logger: settings.logger}
	if made, err := native.NewClient(settings.native); err != nil {
		t.broken = errorOf(err)
	} else {
		t.native = made
	}
	return &Client{
		Agents:    &AgentsService{t},
		Channels:  &ChannelsService{t},
		Chat:      &ChatService{t},
		Events:    &EventsService{t},
		Keys:      &KeysService{t},
		Models:    &ModelsService{t},
		Schedules: &SchedulesService{t},
		Sessions:  &SessionsService{t},
		Skills:    &SkillsService{t},
		Status:    &StatusService{t},
		Usage:     &UsageService{t},
		Webhooks: &WebhooksService{
			Endpoints:  &EndpointsService{t},
			Deliveries: &DeliveriesService{t},
		},
		transport: t,
	}
}

// Close lets go of the connections, once no call uses them; later calls are [ErrConfig]. It never fails, may be called
// again, and is not needed at the end of a program.
func (c *Client) Close() {
	if c.transport.native != nil {
		c.transport.native.Free()
	}
}

// present is a text, or nothing if it is empty.
func present(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
