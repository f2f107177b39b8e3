// Command smoke tries the native library where it is to run, without a gateway.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/openclaw/go-sdk"
)

// What the documented function gives for the payload `Hello` and the secret `secret`.
const signature = "sha256=0cc692f2177b42b6e5cd82488ee6c5d526a007c571e7de1fec07c1e2b1dfa2e2"

func main() {
	client := openclaw.NewClient("http://127.0.0.1:9", "oc_api_sk_xxx", openclaw.WithMaxRetries(0))
	_, err := client.Status.Get(context.Background())
	if !errors.Is(err, openclaw.ErrConnection) || !openclaw.VerifyWebhook("Hello", signature, "secret") {
		fmt.Fprintln(os.Stderr, "it does not work here:", err)
		os.Exit(1)
	}
	fmt.Println("it works:", err)
}
