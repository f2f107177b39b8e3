//! The words as others read them: vectors for every language, and what published libraries make of them.

mod interop;
mod vector;
mod vectors;
