//! `dalaba schema`: prints the JSON Schema of a file.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};

use crate::config::{alerts_schema, lexicon_schema, playlist_schema, station_schema};
use crate::model::Lang;
use crate::station::kinds::kinds;

use super::{Context, Failure, Subcommand, out};

/// Prints what editors need to complete and check our files.
pub(super) const SCHEMA: Subcommand = Subcommand { name: "schema", arguments, run };

fn arguments(lang: Lang) -> Command {
    Command::new("schema")
        .about(
            lang.pick(
                "打印配置文件的 JSON Schema，供编辑器使用",
                "Print the JSON Schema of a file, for editors",
            ),
        )
        .arg(
            Arg::new("file")
                .value_name(lang.pick("哪一种", "FILE"))
                .required(true)
                .value_parser(["station", "playlist", "lexicon", "alerts"])
                .help(lang.pick(
                    "station.toml、节目单、lexicon.toml，还是 alerts.toml",
                    "Of station.toml, of playlists, of lexicon.toml or of alerts.toml",
                )),
        )
}

fn run(_: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let schema = match arguments.get_one::<String>("file").map(String::as_str) {
        Some("station") => station_schema(&kinds()),
        Some("alerts") => alerts_schema(&kinds()),
        Some("lexicon") => lexicon_schema(&kinds()),
        _ => playlist_schema(&kinds()),
    };
    out::print(&format!("{schema:#}\n"))?;
    Ok(ExitCode::SUCCESS)
}
