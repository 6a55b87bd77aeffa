//! `dalaba check --trim`: copies recordings without the silence at their ends. No original is ever touched.

use std::env;
use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::clip::flac;
use crate::clip::recording::{self, RecordingFault};
use crate::cmd::Failure;
use crate::model::{Lang, Words};

/// Names a recording: the folder of the recordings, and its name there.
pub(super) type Named = (PathBuf, PathBuf);

/// What the name of a trimmed copy ends in. It is FLAC whatever the original was: nothing that sounds is lost once more.
const ENDING: &str = "trimmed.flac";

/// Says why there is no copy.
enum TrimFault {
    Recording(RecordingFault),
    Exists,
    Disk(io::Error),
}

/// Writes a trimmed copy beside each recording, and tells of each what was written and what to write into the playlist.
pub(super) fn trim(silent: impl IntoIterator<Item = Named>, lang: Lang) -> Result<String, Failure> {
    let program = env::current_exe()
        .map_err(|error| Failure::because("找不到程序自己", "cannot find myself", error))?;
    let told = silent.into_iter().map(|(folder, file)| {
        let copy = file.with_extension(ENDING);
        let words = match copied(&program, &folder, &file, &copy) {
            Ok(seconds) => done(&file, &copy, seconds),
            Err(fault) => fault.words(&file, &copy),
        };
        format!("{}\n", lang.pick(&words.zh, &words.en))
    });
    Ok(told.collect())
}

/// Returns how long original and copy sound, seconds.
fn copied(program: &Path, folder: &Path, file: &Path, copy: &Path) -> Result<(f64, f64), TrimFault> {
    let whole = recording::read(program, folder, file).map_err(TrimFault::Recording)?;
    let trimmed = recording::without_silent_ends(&whole);
    write(&folder.join(copy), &flac::write(&trimmed))?;
    Ok((whole.length().as_secs_f64(), trimmed.length().as_secs_f64()))
}

/// All of the file appears at once, and never in the place of one that is there.
fn write(path: &Path, bytes: &[u8]) -> Result<(), TrimFault> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(TrimFault::Disk)?;
    let written = file.write_all(bytes).and_then(|()| file.as_file().sync_all());
    // As readable as other recordings: the daemon is another user.
    let written = written.and_then(|()| fs::set_permissions(file.path(), Permissions::from_mode(0o644)));
    written.map_err(TrimFault::Disk)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Err(TrimFault::Exists),
        Err(error) => Err(TrimFault::Disk(error.error)),
    }
}

fn done(file: &Path, copy: &Path, (before, after): (f64, f64)) -> Words {
    let (file, copy) = (file.display(), copy.display());
    Words::new(
        format!(
            "剪好了 `{copy}`（{before:.1} 秒剪成 {after:.1} 秒），原来的 `{file}` 没有动；听过没问题，就把节目单里的 \
             `{file}` 改成 `{copy}`"
        ),
        format!(
            "wrote `{copy}` ({after:.1} s of {before:.1} s); `{file}` is as it was. Listen to it, then write `{copy}` in place \
             of `{file}` in the playlist"
        ),
    )
}

impl TrimFault {
    fn words(&self, file: &Path, copy: &Path) -> Words {
        let (file, copy) = (file.display(), copy.display());
        let (zh, en) = match self {
            Self::Recording(fault) => {
                let words = fault.words();
                (words.zh, words.en)
            }
            Self::Exists => (
                format!("已经有 `{copy}`，没有覆盖它"),
                format!("`{copy}` is there already and was left as it is"),
            ),
            Self::Disk(error) => (format!("存不下：{error}"), format!("cannot be written: {error}")),
        };
        Words::new(format!("没有剪 `{file}`：{zh}"), format!("`{file}` was not trimmed: {en}"))
    }
}
