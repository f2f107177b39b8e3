package openclaw_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The imports of the README's pieces, by the name that a piece uses.
var imports = map[string]string{
	"context": "context", "errors": "errors", "fmt": "fmt", "http": "net/http", "io": "io", "os": "os", "slog": "log/slog",
	"time": "time",
}

func TestTheReadmeCompilesAndItsFirstProgramRuns(t *testing.T) {
	text := string(must(os.ReadFile("README.md")))
	pieces := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(text, -1)
	if len(pieces) < 7 {
		t.Fatalf("there are only %d pieces", len(pieces))
	}
	folder := program(t, pieces[0][1])
	for number, piece := range pieces[1:] {
		folder := filepath.Join(folder, fmt.Sprintf("piece%d", number))
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "piece.go"), []byte(asFunction(piece[1])), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inFolder(t, folder, "go", "vet", "./...")
	if got := inFolder(t, folder, "go", "run", "."); got != "Summarise this for me 4\n" {
		t.Errorf("got %q", got)
	}
}

// asFunction is a file in which a piece is the body of a function.
func asFunction(piece string) string {
	var out strings.Builder
	out.WriteString("package piece\n\nimport (\n\t\"github.com/openclaw/go-sdk\"\n")
	for name, path := range imports {
		if regexp.MustCompile(`\b`+name+`\.`).MatchString(piece) || name == "context" {
			fmt.Fprintf(&out, "\t%q\n", path)
		}
	}
	given := "client *openclaw.Client, "
	if strings.Contains(piece, "client := ") {
		given = ""
	}
	fmt.Fprintf(&out, ")\n\nfunc Piece(%sctx context.Context) error {\n%s\nreturn nil\n}\n", given, piece)
	return out.String()
}
