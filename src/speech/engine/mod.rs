//! Who speaks: one file a kind of engine, one table that lists them.
