//! `dalaba schema`: prints the JSON Schema of a file.

use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command};

use crate::config::{playlist_schema, station_schema};
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
                .value_parser(["station", "playlist"])
                .help(lang.pick("station.toml 还是节目单", "Of station.toml or of playlists")),
        )
}

fn run(_: &Context, arguments: &ArgMatches) -> Result<ExitCode, Failure> {
    let station = arguments.get_one::<String>("file").is_some_and(|file| file == "station");
    let schema = if station { station_schema(&kinds()) } else { playlist_schema(&kinds()) };
    out::print(&format!("{schema:#}\n"))?;
    Ok(ExitCode::SUCCESS)
}
