package openclaw_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// These build programs as users do: with no flags and no environment, from a module of their own.

func TestTheDocumentedProgramRuns(t *testing.T) {
	folder := program(t, documented())
	inFolder(t, folder, "go", "build", "-o", "program", ".")
	if got := inFolder(t, folder, "./program"); got != "Hello\n" {
		t.Errorf("got %q", got)
	}
}

func TestAVendoredProgramBuildsAndRuns(t *testing.T) {
	folder := program(t, documented())
	inFolder(t, folder, "go", "mod", "vendor")
	inFolder(t, folder, "go", "build", "-mod=vendor", "-o", "program", ".")
	if got := inFolder(t, folder, "./program"); got != "Hello\n" {
		t.Errorf("got %q", got)
	}
}

func TestTwoRustLibrariesLiveInOneProgram(t *testing.T) {
	text := strings.Replace(documented(), "fmt.Println(resp.Content)", "fmt.Println(fixture.EchoText(resp.Content))", 1)
	text = strings.Replace(text, `"fmt"`, "\"fmt\"\n\n\t\"openclaw.example/fixture\"", 1)
	folder := program(t, text)
	fixture := must(filepath.Abs("../../crates/gobind/tests/fixture/go"))
	inFolder(t, folder, "go", "mod", "edit", "-require=openclaw.example/fixture@v0.0.0", "-replace=openclaw.example/fixture="+fixture)
	inFolder(t, folder, "go", "build", "-o", "program", ".")
	if got := inFolder(t, folder, "./program"); got != "Hello\n" {
		t.Errorf("got %q", got)
	}
}

func TestWithoutCgoTheErrorSaysWhatToDo(t *testing.T) {
	build := exec.Command("go", "build", "-o", os.DevNull, ".")
	build.Dir = program(t, documented())
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	text, err := build.CombinedOutput()
	if err == nil || !strings.Contains(string(text), "openclaw_needs_cgo__set_CGO_ENABLED_1_and_install_a_C_compiler") {
		t.Errorf("got %v: %s", err, text)
	}
}

// documented is the program of the product's page, with the gateway of these tests.
func documented() string {
	text := string(must(os.ReadFile("testdata/documented.go.txt")))
	text = strings.Replace(text, "http://localhost:3000", gateway.URL, 1)
	return strings.Replace(text, "oc_api_sk_xxx", gateway.Key, 1)
}

// program is a folder with a module of its own that needs this one.
func program(t *testing.T, text string) string {
	folder := t.TempDir()
	module := fmt.Sprintf(
		"module example.com/program\n\ngo 1.25\n\nrequire github.com/openclaw/go-sdk v0.0.0\n\nreplace github.com/openclaw/go-sdk => %s\n",
		must(filepath.Abs(".")),
	)
	for name, text := range map[string]string{"main.go": text, "go.mod": module} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// inFolder runs a command there, and gives what it prints.
func inFolder(t *testing.T, folder string, command ...string) string {
	t.Helper()
	run := exec.Command(command[0], command[1:]...)
	run.Dir = folder
	text, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", command, err, text)
	}
	return string(text)
}
