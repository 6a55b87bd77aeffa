//! Numbers in tables that are compiled in: read where they lie, so that nothing is parsed when the program starts.

/// Reads the little-endian `N` bytes at `at`; zeros beyond the end, which a table that was made with care never asks for.
fn array<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    bytes.get(at..).and_then(|rest| rest.first_chunk::<N>()).copied().unwrap_or([0; N])
}

/// Reads the number of two bytes at byte `at`.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes(array(bytes, at))
}

/// Reads the number of four bytes at byte `at`.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(array(bytes, at))
}

/// Reads the fraction of four bytes at byte `at`.
pub(super) fn f32_at(bytes: &[u8], at: usize) -> f32 {
    f32::from_le_bytes(array(bytes, at))
}

/// Finds `wanted` among `count` ascending numbers of four bytes, `stride` bytes apart from byte `from` on; returns its
/// place among them.
pub(super) fn find(bytes: &[u8], from: usize, stride: usize, count: usize, wanted: u32) -> Option<usize> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low.midpoint(high);
        match u32_at(bytes, from + middle * stride).cmp(&wanted) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(middle),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_where_it_lies_and_nowhere_else() {
        let bytes: Vec<u8> = [1_u32, 3, 5, 9].iter().flat_map(|number| number.to_le_bytes()).collect();
        assert_eq!(
            [1, 3, 5, 9].map(|wanted| find(&bytes, 0, 4, 4, wanted)),
            [Some(0), Some(1), Some(2), Some(3)]
        );
        assert_eq!([0, 2, 10].map(|wanted| find(&bytes, 0, 4, 4, wanted)), [None; 3]);
        assert_eq!(find(&bytes, 0, 4, 400, 10), None);
        assert_eq!(u32_at(&bytes, 15), 0);
    }
}
