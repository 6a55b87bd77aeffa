//! Numbers of users and groups → their names, from the system's two text files.
//!
//! Asking the C library instead would run whatever name services are installed, in our process, and could block on a
//! network. A name that only a network knows is shown as its number.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// No account file of a village box is larger, bytes.
const LARGEST_FILE: u64 = 1024 * 1024;

/// Names the user `uid`, or writes `uid 1000`.
pub(super) fn user(uid: u32) -> String {
    look_up(Path::new("/etc/passwd"), uid).unwrap_or_else(|| format!("uid {uid}"))
}

/// Names the group `gid`, or writes `gid 1000`.
pub(super) fn group(gid: u32) -> String {
    look_up(Path::new("/etc/group"), gid).unwrap_or_else(|| format!("gid {gid}"))
}

fn look_up(file: &Path, id: u32) -> Option<String> {
    let mut text = String::new();
    File::open(file).ok()?.take(LARGEST_FILE).read_to_string(&mut text).ok()?;
    name_in(&text, id)
}

/// Finds the name of `id` in lines of `name:password:id:…`, the format of both files.
fn name_in(text: &str, id: u32) -> Option<String> {
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let matches = fields.nth(1)?.parse() == Ok(id);
        (matches && is_a_name(name)).then(|| name.to_owned())
    })
}

/// A name goes into records and onto terminals, so nothing that a terminal would obey may be in it.
fn is_a_name(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(|c| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_named_by_its_line_and_by_nothing_else() {
        let file = "root:x:0:0:root:/root:/bin/sh\n# broken\nwang:x:1000:1000::/home/wang:/bin/sh\nbad\u{1b}name:x:7:7";
        assert_eq!(name_in(file, 0).as_deref(), Some("root"));
        assert_eq!(name_in(file, 1000).as_deref(), Some("wang"));
        assert_eq!(name_in(file, 7), None);
        assert_eq!(name_in(file, 1), None);
    }

    #[test]
    fn a_user_without_a_line_is_shown_as_a_number() {
        assert_eq!(user(0), "root");
        assert_eq!(user(3_999_999_999), "uid 3999999999");
    }
}
