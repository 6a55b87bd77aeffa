//! `dalaba normalize`: the said text of each line, for trying out how numbers and signs are read.

use std::io::{self, BufRead, Read};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::house::House;
use super::{Context, Failure, Subcommand, out};
use crate::model::Lang;
use crate::speech::text::normalize::{Options, normalize};

/// The row of the command table.
pub(super) const NORMALIZE: Subcommand = Subcommand { name: "normalize", arguments, run };

/// Longest piece that is read at once, in bytes; a longer line is said piece by piece.
pub(super) const LONGEST: u64 = 1024 * 1024;

fn arguments(lang: Lang) -> Command {
    Command::new("normalize")
        .about(lang.pick(
            "看文字会怎么念：数字、符号、字母换成念出来的字",
            "Shows what is said for a text: numbers, signs and letters as they are spoken",
        ))
        .after_help(lang.pick(
            "从标准输入读，一行文字对应一行念法。例：echo '7:30请拨打12123' | dalaba normalize",
            "Reads standard input and answers each line with one. Example: echo '7:30请拨打12123' | dalaba normalize",
        ))
        .arg(Arg::new("remove-erhua").long("remove-erhua").action(ArgAction::SetTrue).help(lang.pick(
            "不念词尾的“儿”（花儿 → 花），站点配置里写了 remove_erhua = true 也一样",
            "Leaves out 儿 where it is only an ending (花儿 → 花), as remove_erhua = true of the station file does",
        )))
}

fn run(context: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let house = House::of(context).site.is_some_and(|site| site.remove_erhua);
    let options = Options { remove_erhua: house || arguments.get_flag("remove-erhua") };
    let mut input = io::stdin().lock();
    while let Some(line) = piece(&mut input)? {
        if !out::is_read(&answer(&line, options))? {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Says one line, or a piece of a line too long to be read at once.
fn answer(line: &[u8], options: Options) -> String {
    let (text, end) = match line.strip_suffix(b"\n") {
        Some(text) => (text, "\n"),
        None => (line, if line.len() as u64 >= LONGEST { "" } else { "\n" }),
    };
    format!("{}{end}", normalize(&String::from_utf8_lossy(text), &options))
}

/// Reads to the end of the line, or as far as one reads at once without cutting a character; none at the end.
pub(super) fn piece(input: &mut impl BufRead) -> Result<Option<Vec<u8>>, Failure> {
    let unread = |error| Failure::because("读不了输入", "cannot read the input", error);
    let mut line = Vec::new();
    input.take(LONGEST).read_until(b'\n', &mut line).map_err(unread)?;
    // The bytes of a character after its first begin with 10.
    while line.len() as u64 >= LONGEST && !line.ends_with(b"\n") {
        match input.fill_buf().map_err(unread)?.first() {
            Some(byte) if byte & 0xc0 == 0x80 && (line.len() as u64) < LONGEST + 4 => line.push(*byte),
            _ => break,
        }
        input.consume(1);
    }
    Ok((!line.is_empty()).then_some(line))
}
