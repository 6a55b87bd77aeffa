//! `--render`: the texts are spoken at the county, beside the files that people made.

use std::path::{Path, PathBuf};

use clap::ArgMatches;
use tempfile::TempDir;

use super::told::{unfit, unpublished, unspoken};
use super::{Bar, Office, program};
use crate::cmd::{Context, Failure, studio};
use crate::county::booth::Booth;
use crate::county::press::Press;
use crate::model::{Bundle, Selection, Site};
use crate::speech::engine::kokoro::{self, Pack};
use crate::speech::engine::{FALLBACK, Home};
use crate::speech::text::Reader;
use crate::speech::text::normalize::Options;
use crate::station::bundles::{self, TakeFault};
use crate::station::kinds::kinds;
use crate::station::sources;

/// Brings the campaign to a folder of its own, with a clip of every text.
pub(super) fn stage(
    context: &Context,
    office: &Office,
    folder: &Path,
    bundle: &Bundle,
    typed: &ArgMatches,
) -> Result<TempDir, Failure> {
    let stage = tempfile::tempdir()
        .map_err(|error| Failure::because("建不了临时文件夹", "cannot make a temporary folder", error))?;
    Press::stage(folder, stage.path()).map_err(|fault| unpublished(&fault))?;
    let campaign = bundles::read(stage.path(), bundle.clone())
        .map_err(|(path, what)| unfit(&TakeFault::Unfit { path, what }))?;
    // By the campaign's own words and no others: so the clips say what a station would say that has no words of its own.
    let reader = Reader::new(&campaign.words, Options::default());
    let (voice, voices) = voice(context, typed)?;
    let home = Home { program: program()?, voices };
    let booth = Booth::open(reader, voice, home, office.press.clips());
    let booth = booth.map_err(|fault| unspoken("", &fault))?;
    let messages = booth.texts(&campaign.playlists);
    let mut bar = Bar::new(messages.len(), context.lang.pick("念", "speaking"));
    for message in messages {
        let text = message.text.as_deref().unwrap_or_default();
        bar.next(text);
        booth.render(message, stage.path()).map_err(|fault| unspoken(text, &fault))?;
    }
    bar.end();
    Ok(stage)
}

/// Finds who speaks, and the folder of the voice packs.
fn voice(context: &Context, typed: &ArgMatches) -> Result<(Selection, PathBuf), Failure> {
    let written = typed.get_one::<String>("voice").map(String::as_str);
    let file = written.filter(|written| Path::new(written).extension().is_some_and(|end| end == "toml"));
    let house = match file {
        Some(file) => Some(site(Path::new(file))?),
        None if context.config.exists() => Some(site(&context.config)?),
        None => None,
    };
    let voices =
        house.as_ref().map_or_else(|| context.state.join("voices"), |site| site.voices_below(&context.state));
    let chosen = studio::chosen(written.filter(|_| file.is_none()), None, house.as_ref())?;
    let installed = || Pack::at(&voices).and_then(|pack| pack.glance()).is_ok();
    let best = || {
        let kind = if installed() { kokoro::FOLDER } else { FALLBACK };
        Selection { kind: kind.to_owned(), options: [].into() }
    };
    let voice = chosen.or_else(|| house.map(|site| site.voice)).unwrap_or_else(best);
    Ok((voice, voices))
}

fn site(path: &Path) -> Result<Site, Failure> {
    sources::load_site(path, &kinds()).site.value.ok_or_else(|| {
        let path = path.display();
        Failure::new(
            format!("{path} 用不了，请用 dalaba check 查看"),
            format!("{path} cannot be used: see dalaba check"),
        )
    })
}
