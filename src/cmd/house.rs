//! What `speak`, `listen`, `normalize` and `pinyin` go by: `station.toml` where there is one, else the defaults.

use super::Context;
use crate::model::Site;
use crate::speech::text::Reader;
use crate::speech::text::normalize::Options;
use crate::station::kinds::kinds;
use crate::station::sources;

/// How texts are read here.
pub(super) struct House {
    /// The site, if its file is there and without mistakes.
    pub(super) site: Option<Site>,
    /// Reads by the site's options and by the user's lexicon, or by the built-in ones.
    pub(super) reader: Reader,
}

impl House {
    /// Looks at the files; never fails, for a text is to be heard also where the files have mistakes.
    pub(super) fn of(context: &Context) -> Self {
        if !context.config.exists() {
            return Self { site: None, reader: Reader::new(&[], Options::default()) };
        }
        let read = sources::load_site(&context.config, &kinds());
        Self { reader: read.reader(), site: read.site.value }
    }
}
