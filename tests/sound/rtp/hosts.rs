//! Hosts of a network of their own.
