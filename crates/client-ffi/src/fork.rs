//! What lives in one process only: a forked child makes its own.
//!
//! After `fork` the child has the parent's memory but none of its threads. A runtime there would wait for ever, and a
//! connection would be shared with the parent. So such things carry the generation of the process that made them; one of
//! another generation is left where it lies (its locks may be held by threads that are not there) and made anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;

/// How many forks lie between the first process and this one.
static GENERATION: AtomicU64 = AtomicU64::new(0);

/// A value of this process; a forked child makes its own at first use. Uses no lock, so none can be held during a fork.
pub(crate) struct PerProcess<T> {
    current: ArcSwapOption<Made<T>>,
}

struct Made<T> {
    generation: u64,
    value: Arc<T>,
}

/// The process that something was made in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Home(u64);

impl Home {
    pub(crate) fn here() -> Self {
        Self(generation())
    }

    /// Whether this is that process.
    pub(crate) fn is_here(self) -> bool {
        self.0 == generation()
    }
}

impl<T> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self { current: ArcSwapOption::const_empty() }
    }

    /// The value of this process. Where two threads make it at once, one of the two is dropped.
    pub(crate) fn get_or_make<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<Arc<T>, E> {
        let generation = generation();
        let known = self.current.load();
        if let Some(made) = known.as_ref().filter(|made| made.generation == generation) {
            return Ok(Arc::clone(&made.value));
        }
        let value = Arc::new(make()?);
        let new = Arc::new(Made { generation, value: Arc::clone(&value) });
        let previous = self.current.compare_and_swap(&*known, Some(new));
        if let Some(made) = previous.as_ref().filter(|made| made.generation == generation) {
            return Ok(Arc::clone(&made.value)); // Another thread was first.
        }
        if let Some(of_parent) = previous.as_ref() {
            std::mem::forget(Arc::clone(of_parent));
        }
        Ok(value)
    }
}

impl<T> Drop for PerProcess<T> {
    fn drop(&mut self) {
        if let Some(made) = self.current.swap(None).filter(|made| made.generation != generation()) {
            std::mem::forget(made);
        }
    }
}

/// The generation of this process.
#[cfg(unix)]
#[expect(
    unsafe_code,
    reason = "the C library has no safe way to learn of a fork; process ids repeat across namespaces"
)]
fn generation() -> u64 {
    static WATCH: std::sync::Once = std::sync::Once::new();

    extern "C" fn in_child() {
        GENERATION.fetch_add(1, Ordering::Relaxed);
    }
    WATCH.call_once(|| {
        // SAFETY: the handler adds to an atomic and does nothing else, which is allowed between fork and exec.
        let failed = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
        assert_eq!(failed, 0, "the C library has memory for one more handler");
    });
    GENERATION.load(Ordering::Relaxed)
}

/// Where there is no fork there is one generation.
#[cfg(not(unix))]
fn generation() -> u64 {
    GENERATION.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Dropped<'a>(&'a AtomicU64);

    impl Drop for Dropped<'_> {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_value_is_made_once_a_process_and_that_of_the_parent_is_left_alone() {
        let dropped = AtomicU64::new(0);
        let value = PerProcess::new();
        let made = |value: &PerProcess<_>| value.get_or_make(|| Ok::<_, ()>(Dropped(&dropped))).unwrap();
        let first = made(&value);
        assert!(Arc::ptr_eq(&first, &made(&value)));
        GENERATION.fetch_add(1, Ordering::Relaxed); // What the handler does in a child.
        let second = made(&value);
        assert!(!Arc::ptr_eq(&first, &second));
        drop((first, second));
        assert_eq!(dropped.load(Ordering::Relaxed), 0);
        drop(value);
        assert_eq!(dropped.load(Ordering::Relaxed), 1, "the child's own is dropped, the parent's is not");
        assert_eq!(PerProcess::<()>::new().get_or_make(|| Err("no")), Err("no"));
    }
}
