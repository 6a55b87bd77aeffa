//! A short fade, so that cutting a sound does not click.

use std::collections::VecDeque;

/// Cuts `queue` down to its first 10 ms and lets them fade to nothing. 10 ms is two periods of a deep voice: too short
/// to be heard as a fade, long enough not to click.
pub(super) fn fade_out(queue: &mut VecDeque<f32>, rate: u32) {
    queue.truncate(rate as usize / 100);
    let mut left = u16::try_from(queue.len()).unwrap_or(u16::MAX);
    let whole = f32::from(left.max(1));
    for sample in queue {
        *sample *= f32::from(left) / whole;
        left = left.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_keeps_ten_milliseconds_and_ends_near_nothing() {
        let mut queue: VecDeque<f32> = std::iter::repeat_n(1.0, 9_600).collect();
        fade_out(&mut queue, 48_000);
        assert_eq!(queue.len(), 480);
        assert!(queue.iter().zip(queue.iter().skip(1)).all(|(a, b)| a > b));
        assert!(queue.back().is_some_and(|last| *last < 0.01));
    }
}
