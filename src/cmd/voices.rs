//! `dalaba voices`: which voices there are, and the coming and going of voice packs.

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::out::print;
use super::table::columns;
use super::{Context, Failure, Subcommand};
use crate::model::{Lang, Selection, Site};
use crate::speech::engine::child::Told;
use crate::speech::engine::kokoro::{self, NOTICE, Pack};
use crate::speech::engine::{KINDS, KokoroFault};
use crate::speech::pack::{self, InstallFault, Progress, Source};
use crate::station::kinds::kinds;
use crate::station::sources;

/// The row of the command table.
pub(super) const VOICES: Subcommand = Subcommand { name: "voices", arguments, run };

/// The packs that there are.
const PACKS: [&str; 1] = [kokoro::FOLDER];

fn arguments(lang: Lang) -> Command {
    let from = Arg::new("from").long("from").value_name(lang.pick("来源", "SOURCE")).help(lang.pick(
        "网址、文件夹或 tar 文件；不写就在插着的 U 盘里找",
        "An http address, a folder or a tar file; the USB sticks in this machine, if absent",
    ));
    let install = Command::new("install")
        .about(lang.pick("安装一个语音包", "Installs a voice pack"))
        .arg(pack(lang))
        .arg(from);
    let remove =
        Command::new("remove").about(lang.pick("删除一个语音包", "Removes a voice pack")).arg(pack(lang));
    Command::new("voices")
        .about(lang.pick("列出、安装、删除声音", "Lists, installs and removes voices"))
        .subcommand(install)
        .subcommand(remove)
}

fn pack(lang: Lang) -> Arg {
    Arg::new("pack")
        .required(true)
        .value_name(lang.pick("语音包", "PACK"))
        .value_parser(PACKS)
        .help(lang.pick("哪个语音包", "Which voice pack"))
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let site = site(context)?;
    let voices =
        site.as_ref().map_or_else(|| context.state.join("voices"), |site| site.voices_below(&context.state));
    match arguments.subcommand() {
        Some(("install", arguments)) => install(context.lang, &voices, arguments)?,
        Some(("remove", _)) => remove(context.lang, &voices)?,
        _ => print(&list(context.lang, &voices, site.map(|site| site.voice).as_ref()))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads the station file, which may name another folder. Without one the usual folder is meant; with a faulty one it is
/// better to do nothing than to do it in the wrong place.
fn site(context: &Context) -> Result<Option<Site>, Failure> {
    if !context.config.exists() {
        return Ok(None);
    }
    let site = sources::load_site(&context.config, &kinds()).site.value;
    site.map(Some).ok_or_else(|| {
        let file = context.config.display();
        Failure::new(
            format!("{file} 有错误，先运行 dalaba check 看看"),
            format!("{file} has mistakes; see dalaba check first"),
        )
    })
}

fn list(lang: Lang, voices: &Path, used: Option<&Selection>) -> String {
    let head = ["引擎 engine", "状态 state", "许可证 licence", "大小 size", "说明 what it is"];
    let rows = KINDS.iter().map(|kind| {
        let fields = kind.fields;
        let (state, licence, size) = facts(fields.name, lang, voices);
        let in_use = used.is_some_and(|voice| voice.kind == fields.name);
        let mark = if in_use { " *" } else { "" };
        let what = lang.pick(fields.zh, fields.en).to_owned();
        vec![format!("{}{mark}", fields.name), state, licence.to_owned(), size, what]
    });
    let table = columns(std::iter::once(head.map(str::to_owned).to_vec()).chain(rows));
    let voices = voices.display();
    let foot = match lang {
        Lang::Zh => format!("* 正在用的。语音包文件夹：{voices}\n"),
        Lang::En => format!("* in use. Folder of voice packs: {voices}\n"),
    };
    table + &foot
}

/// Returns the state, licence and size of an engine.
fn facts(engine: &str, lang: Lang, voices: &Path) -> (String, &'static str, String) {
    match engine {
        kokoro::FOLDER => {
            let state = match Pack::at(voices).and_then(|pack| pack.glance()) {
                Ok(()) => lang.pick("已安装", "installed").to_owned(),
                Err(KokoroFault::NotInstalled(_)) => lang.pick("未安装", "not installed").to_owned(),
                Err(fault) => fault.told().in_lang(lang).to_owned(),
            };
            let size = pack::size().map_or_else(|_| "-".to_owned(), megabytes);
            (state, "Apache-2.0, MIT", size)
        }
        "command" => (lang.pick("看所写的程序", "up to the program").to_owned(), "-", "-".to_owned()),
        _ => (lang.pick("自带", "built in").to_owned(), "GPL-3.0-or-later", "-".to_owned()),
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}

fn install(lang: Lang, voices: &Path, arguments: &ArgMatches) -> Result<(), Failure> {
    let source = source(arguments.get_one::<String>("from").map(String::as_str))?;
    print(&format!("{NOTICE}\n"))?;
    let mut bar = Bar::new(pack::size().map_err(|fault| failure(&fault))?);
    let place = pack::install(voices, &source, &mut bar).map_err(|fault| failure(&fault))?;
    bar.0.finish_and_clear();
    let place = place.display();
    print(&match lang {
        Lang::Zh => {
            format!("装好了：{place}\n在 station.toml 的 [voice] 里写 engine = \"kokoro\" 就能用。\n")
        }
        Lang::En => format!(
            "Installed: {place}\nWrite engine = \"kokoro\" under [voice] of station.toml to use it.\n"
        ),
    })
}

fn source(typed: Option<&str>) -> Result<Source, Failure> {
    match typed {
        Some(typed) => Source::named(typed).map_err(|fault| failure(&fault)),
        None => pack::on_sticks().ok_or_else(|| {
            Failure::new(
                "插着的 U 盘里没有语音包（文件夹 kokoro）。用 --from 写明网址、文件夹或 tar 文件；制作方法见 docs/voices.md",
                "no USB stick here holds the voice pack (a folder kokoro). Name an http address, a folder or a tar file \
                 with --from; docs/voices.md tells how to make one",
            )
        }),
    }
}

fn remove(lang: Lang, voices: &Path) -> Result<(), Failure> {
    let told = if pack::remove(voices).map_err(|fault| failure(&fault))? {
        lang.pick("已删除语音包 kokoro。\n", "The voice pack kokoro is removed.\n")
    } else {
        lang.pick("本来就没有装语音包 kokoro。\n", "The voice pack kokoro was not installed.\n")
    };
    print(told)
}

fn failure(fault: &InstallFault) -> Failure {
    let words = fault.words();
    Failure::new(words.zh, words.en)
}

/// Shows how far it is, where somebody looks.
struct Bar(ProgressBar);

impl Bar {
    fn new(bytes: u64) -> Self {
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(bytes), target);
        if let Ok(style) =
            ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {bytes_per_sec} {wide_msg}")
        {
            bar.set_style(style);
        }
        Self(bar)
    }
}

impl Progress for Bar {
    fn begin(&mut self, file: &str, _: u64) {
        self.0.set_message(file.to_owned());
    }

    fn advance(&mut self, bytes: u64) {
        self.0.inc(bytes);
    }
}
