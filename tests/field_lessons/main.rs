//! What went wrong in other systems, line by line: not played at its time, and by a wrong clock. Each test is named by
//! the project and the number of its report; `docs/field-lessons.md` lists them all, also those that stand elsewhere.

mod clock;
mod not_played;
mod own_limits;
mod village;
