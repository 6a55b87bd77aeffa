//! Finished sound: recordings decoded, clips shaped and kept. Clips leave this room.
