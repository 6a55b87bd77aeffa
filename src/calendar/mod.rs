//! Which days and times: cron, holidays with make-up workdays, lunar dates, quiet hours. Instants leave this room.

pub mod cron;
