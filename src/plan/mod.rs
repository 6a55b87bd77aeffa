//! Playlists, calendars and a window → the timetable; timetable and as-run → what was missed and why.
