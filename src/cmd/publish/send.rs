//! Bundles on their way to the county's server.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::ArgMatches;

use crate::cmd::Failure;
use crate::cmd::out::print;
use crate::county::client::{BUNDLE_ANSWERED, Client, ClientFault};
use crate::model::Lang;
use crate::wire::BUNDLES;

/// What a bundle is on the web.
const KIND: &str = "application/vnd.dalaba.bundle";

/// Prepares to speak to the server that was named, before anything is signed; none if none was.
pub(super) fn client(typed: &ArgMatches) -> Result<Option<Client>, Failure> {
    let Some(server) = typed.get_one::<String>("server") else { return Ok(None) };
    let certificate = typed.get_one::<PathBuf>("certificate").map(PathBuf::as_path);
    Client::new(server, certificate, BUNDLE_ANSWERED).map(Some).map_err(|fault| failure(&fault))
}

/// Sends the files that were named.
pub(in crate::cmd) fn files(lang: Lang, typed: &ArgMatches) -> Result<(), Failure> {
    let Some(client) = client(typed)? else { return Ok(()) };
    typed.get_many::<PathBuf>("bundle").into_iter().flatten().try_for_each(|file| send(lang, &client, file))
}

/// Sends one bundle, whole.
pub(super) fn send(lang: Lang, client: &Client, path: &Path) -> Result<(), Failure> {
    let file = File::open(path).map_err(|error| {
        let path = path.display();
        Failure::because(format!("打不开 {path}"), format!("cannot open {path}"), error)
    })?;
    client.post(BUNDLES, KIND, file).map_err(|fault| unsent(path, &fault))?;
    print(&match lang {
        Lang::Zh => format!("服务器收下了：{}\n", path.display()),
        Lang::En => format!("The server has it: {}\n", path.display()),
    })
}

fn failure(fault: &ClientFault) -> Failure {
    let words = fault.words();
    Failure::new(words.zh, words.en)
}

/// The bundle is signed and lies there: it must not be published once more.
fn unsent(path: &Path, fault: &ClientFault) -> Failure {
    let (words, path) = (fault.words(), path.display());
    Failure::new(
        format!(
            "{path} 没有送到服务器：{}；文件好好的，稍后用 dalaba county send 再送，不用重新签发",
            words.zh
        ),
        format!("{path} did not get to the server: {}; send it again with dalaba county send", words.en),
    )
}
