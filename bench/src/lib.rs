//! Load generator, stand-ins and peers.
