//! Memory that was needed and is no longer, given back to the system.

/// Gives back what lies free between what is in use. glibc keeps it for later, and after ten thousand villages have come at once that is
/// a third of all.
#[cfg(target_env = "gnu")]
#[expect(unsafe_code, reason = "no crate wraps malloc_trim")]
pub(super) fn give_back() {
    // SAFETY: it takes no pointer, and any thread may call it at any time.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Other libraries give it back by themselves.
#[cfg(not(target_env = "gnu"))]
pub(super) const fn give_back() {}
