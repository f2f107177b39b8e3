//! Polling futures: the C that Rust wakes us with.
//!
//! To wake a goroutine from a thread of Rust's by calling Go is slow: Go has to find a thread of its own, and sets its monitor
//! going. A byte in a pipe is what Go waits for best. So a wake-up is one small message in a pipe, and a goroutine reads it.
//! A wake-up that comes while the future is being polled, on the same thread, needs not even that: it is the poll's result.

use crate::MARK;

const DECLARATIONS: &str = "
typedef void (*GoPollFunction)(uint64_t, RustFutureContinuationCallback, uint64_t);

void CRATE_wake_through(uintptr_t pipe);
int8_t CRATE_poll(GoPollFunction function, uint64_t future, uint64_t waiter);
";

const DEFINITIONS: &str = "
#include \"PACKAGE.h\"

#ifdef _WIN32
#include <windows.h>
#else
#include <errno.h>
#include <poll.h>
#include <unistd.h>
#endif

static uintptr_t wake_pipe;

// Set once, before the first poll.
void CRATE_wake_through(uintptr_t pipe) { wake_pipe = pipe; }

// So small a message is written whole. A full pipe is waited for: its reader does nothing but read.
static void wake(uint64_t waiter, int8_t code) {
  int64_t message[2] = {(int64_t)waiter, code};
#ifdef _WIN32
  DWORD written;
  WriteFile((HANDLE)wake_pipe, message, sizeof message, &written, NULL);
#else
  while (write((int)wake_pipe, message, sizeof message) < 0 && (errno == EAGAIN || errno == EINTR)) {
    struct pollfd room = {(int)wake_pipe, POLLOUT, 0};
    poll(&room, 1, -1);
  }
#endif
}

// A poll under way on this thread. They nest where a future calls Go and Go polls another one.
typedef struct Poll {
  uint64_t waiter;
  int8_t code;
  struct Poll *outer;
} Poll;

static _Thread_local Poll *polls;

static void woken(uint64_t waiter, int8_t code) {
  for (Poll *poll = polls; poll != NULL; poll = poll->outer) {
    if (poll->waiter == waiter) {
      poll->code = code;
      return;
    }
  }
  wake(waiter, code);
}

int8_t CRATE_poll(GoPollFunction function, uint64_t future, uint64_t waiter) {
  Poll poll = {waiter, -1, polls};
  polls = &poll;
  function(future, woken, waiter);
  polls = poll.outer;
  return poll.code;
}
";

/// What the header says of it.
pub(crate) fn print_declarations(crate_name: &str) -> String {
    DECLARATIONS.replace("CRATE", crate_name)
}

/// The C file.
pub(crate) fn print(crate_name: &str, package: &str) -> String {
    format!("{MARK}{}", DEFINITIONS.replace("CRATE", crate_name).replace("PACKAGE", package))
}
