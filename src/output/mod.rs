//! Where sound goes: one file a kind, one table that lists them.
