//! One state machine a station: events in, actions out. Decides what sounds when; makes no sound itself.
