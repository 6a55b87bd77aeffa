//! The tables of keys. One row drives reading, the suggestion for a misspelt key, the JSON Schema and `docs/config.md`.

use std::time::Duration;

/// Describes one key of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The key as written.
    pub key: &'static str,
    /// What may stand after it.
    pub kind: FieldKind,
    /// The value taken when the key is absent, written as in TOML but without quotes (`10m`, `100`, `true`).
    pub default: Option<&'static str>,
    /// Whether the file is refused without it.
    pub required: bool,
    /// What it means, in Chinese.
    pub zh: &'static str,
    /// What it means, in English.
    pub en: &'static str,
}

impl Field {
    /// Describes an optional key without a default.
    pub const fn new(key: &'static str, kind: FieldKind, zh: &'static str, en: &'static str) -> Self {
        Self { key, kind, default: None, required: false, zh, en }
    }

    /// Sets the value taken when the key is absent.
    #[must_use]
    pub const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    /// Refuses files without the key.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }
}

/// Says what may stand after a key.
///
/// Options of an output, an amplifier or an engine may be of the first seven only, or a list of texts: those become a
/// [`crate::model::Setting`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A text of 1 to `longest` characters.
    Text {
        /// Most characters.
        longest: usize,
    },
    /// A whole number.
    Integer {
        /// The smallest allowed.
        min: i64,
        /// The largest allowed.
        max: i64,
    },
    /// `true` or `false`.
    Flag,
    /// A length of time with its unit: `800ms`, `10s`, `10m`, `2h`.
    Length {
        /// The shortest allowed.
        min: Duration,
        /// The longest allowed.
        max: Duration,
    },
    /// One of the words listed.
    OneOf(&'static [&'static str]),
    /// A file or folder; relative ones count from the folder of the file in which they are written.
    Path,
    /// A name in the system, such as a sound device's: a text without control characters, 1 to 200 characters.
    Name,
    /// Syllables in pinyin with tones, parted by blanks: `lao4 ting2`.
    Pinyin,
    /// The id of a calendar of the user's own.
    Calendar,
    /// An id that people give: see [`crate::model::StationId`].
    Id,
    /// A target: a station's id, `zone:` and a zone's id, or `*`.
    Target,
    /// A sound file under the audio folder.
    Recording,
    /// A chime of ours by its name, or a sound file under the audio folder.
    Chime,
    /// A BCP 47 language tag.
    Language,
    /// A time zone of the IANA database.
    TimeZone,
    /// A cron expression.
    Cron,
    /// A date: `2024-01-26`.
    Date,
    /// A date, or a month and a day of every year: `05-01`.
    SolarDate,
    /// A month and a day of every lunar year: `12-23`.
    LunarDate,
    /// A time of day: `06:30` or `06:30:15`.
    Time,
    /// Several values of one kind.
    List(&'static ListOf),
    /// `workdays`, `restdays`, or a list of weekdays.
    Days,
    /// A table with its own keys.
    Table(&'static [Field]),
    /// An output with its options.
    Output,
    /// An engine with its options.
    Engine,
    /// An amplifier with its options.
    Amplifier,
}

/// Describes the values of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListOf {
    /// What each value is.
    pub kind: FieldKind,
    /// Fewest values.
    pub fewest: usize,
    /// Most values: files are hostile.
    pub most: usize,
}

/// Describes the options of one output, amplifier or engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindFields {
    /// Name of the kind, such as `device`.
    pub name: &'static str,
    /// Its options.
    pub fields: &'static [Field],
    /// What it is, in Chinese.
    pub zh: &'static str,
    /// What it is, in English.
    pub en: &'static str,
}

/// Lists the outputs, amplifiers, engines and chimes that this program has; their rooms stand below this one and hand them in.
///
/// The first of each is the default where a default makes sense.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kinds {
    /// What `output.kind` may be.
    pub outputs: Vec<KindFields>,
    /// What `amplifier.kind` may be.
    pub amplifiers: Vec<KindFields>,
    /// What `voice.engine` may be.
    pub engines: Vec<KindFields>,
    /// Names of our own chimes.
    pub chimes: Vec<&'static str>,
}
