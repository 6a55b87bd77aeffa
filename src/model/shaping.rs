//! How a station wishes its clips to sound.

/// Loudness of a whole programme in LUFS (ITU-R BS.1770-4, gated): 0 is full scale, −16 is what villages get if they say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lufs(i8);

impl Lufs {
    /// Softest target that may be asked for: below it a horn has to be turned up so far that it hums.
    pub const SOFTEST: Self = Self(-30);
    /// Loudest target that may be asked for. The peaks of speech lie 18 dB above its loudness: louder than this under −1 dBTP, its
    /// syllables would be levelled by more than 8 dB, which is heard as pumping. What is to be louder is the amplifier's work.
    pub const LOUDEST: Self = Self(-14);
    /// What is taken where nothing is asked for: between the −23 of EBU R 128, meant for living rooms, and what speech bears.
    pub const USUAL: Self = Self(-16);

    /// Takes a target in LUFS; none if it lies outside of [`Lufs::SOFTEST`] to [`Lufs::LOUDEST`].
    pub fn new(lufs: i64) -> Option<Self> {
        let lufs = Self(i8::try_from(lufs).ok()?);
        (Self::SOFTEST..=Self::LOUDEST).contains(&lufs).then_some(lufs)
    }

    /// Returns the number of LUFS.
    pub fn lufs(self) -> f64 {
        f64::from(self.0)
    }
}

/// What a station's clips are made for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Profile {
    /// Horns (大喇叭) over noise: limited to their band, shaped and compressed to be understood.
    #[default]
    Horn,
    /// Nothing is done: the sound is as it was spoken or recorded, but for its level.
    Off,
}

impl Profile {
    /// Every name, as it is written in files; the usual one first.
    pub const NAMES: [&str; 2] = ["horn", "off"];

    /// Returns the profile of that name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "horn" => Some(Self::Horn),
            "off" => Some(Self::Off),
            _ => None,
        }
    }
}

/// Everything that a station wishes of its clips. Two stations with equal wishes share their clips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Shaping {
    /// The loudness to which every message is brought.
    pub loudness: Lufs,
    /// What they are made for.
    pub profile: Profile,
}

impl Default for Shaping {
    fn default() -> Self {
        Self { loudness: Lufs::USUAL, profile: Profile::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_that_of_a_profile_and_the_usual_one_is_first() {
        let known = Profile::NAMES.map(Profile::named);
        assert_eq!(known, [Some(Profile::default()), Some(Profile::Off)]);
        assert_eq!(Profile::named("Horn"), None);
    }

    #[test]
    fn a_target_lies_between_the_softest_and_the_loudest() {
        let known = |lufs| Lufs::new(lufs).map(Lufs::lufs);
        assert_eq!(
            [-31, -30, -16, -14, -13, 16, 1000].map(known),
            [None, Some(-30.0), Some(-16.0), Some(-14.0), None, None, None]
        );
    }
}
