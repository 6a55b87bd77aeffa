//! The output `icecast`: a source client of an Icecast server, in Ogg Opus or Ogg FLAC, with the messages' names as titles.

mod address;
mod codec;
mod fault;
mod pages;
mod pulse;
mod sink;
mod source;
#[expect(unsafe_code, reason = "no crate asks the kernel how much of a connection has not arrived")]
mod unsent;
mod wire;

use std::path::PathBuf;
use std::time::Duration;

use super::live;
use super::{Kind, OpenContext, Output, OutputFault, pace};
use crate::config::{Field, FieldKind, KindFields};
use crate::model::{Selection, Setting};
use address::Address;
use codec::Codec;
use pages::Pages;
use pulse::Pulse;
use sink::Stream;
use source::About;
use wire::Wire;

pub use fault::IcecastFault;

/// How long it may take until the server wants the sound.
const ANSWERS: Duration = Duration::from_secs(4);

/// The row of the table. Whether the server is there is found by being its source, which listeners notice; so there is
/// no probe.
pub(super) const KIND: Kind = Kind {
    fields: KindFields {
        name: "icecast",
        fields: FIELDS,
        zh: "送到 Icecast 服务器（Ogg Opus 或 FLAC）",
        en: "streams to an Icecast server, in Ogg Opus or FLAC",
    },
    check: |selection| address(selection).map(|_| ()),
    takes: |selection| selection.text("url").map(|url| ("url", url.to_owned())).into_iter().collect(),
    open,
    probe: None,
    standing: None,
};

const FIELDS: &[Field] = &[
    Field::new(
        "url",
        FieldKind::Text { longest: 300 },
        "服务器和挂载点，如 `https://radio.example.cn:8443/village.ogg`；`https` 就用 TLS。里面不写用户名和密码",
        "Server and mount point, such as `https://radio.example.cn:8443/village.ogg`; `https` means TLS. No name and no \
         password stand in it",
    )
    .required(),
    Field::new(
        "password_file",
        FieldKind::Path,
        "第一行是推流密码的文件，只让本程序读得到",
        "File whose first line is the source's password; let nobody but this program read it",
    )
    .required(),
    Field::new("user", FieldKind::Name, "推流用户名", "Name of the source").or("source"),
    Field::new(
        "certificate",
        FieldKind::Path,
        "给服务器签证书的机构的证书（PEM）；公认的机构不用写",
        "Certificate (PEM) of the authority that vouches for the server; not needed for those that everybody knows",
    ),
    Field::new(
        "codec",
        FieldKind::OneOf(&["opus", "flac"]),
        "`opus` 省流量，`flac` 无损",
        "`opus` is small, `flac` loses nothing",
    )
    .or("opus"),
    Field::new(
        "bitrate",
        FieldKind::Integer { min: 12, max: 256 },
        "opus 的码率，kbit/s",
        "Bit rate of opus, kbit/s",
    )
    .or("32"),
    Field::new("name", FieldKind::Text { longest: 100 }, "电台名称", "What the stream is called"),
    Field::new("description", FieldKind::Text { longest: 200 }, "电台说明", "What it is"),
    Field::new("genre", FieldKind::Text { longest: 50 }, "电台类别", "Its genre"),
    Field::new(
        "public",
        FieldKind::Flag,
        "`true`：让服务器列入公开目录",
        "`true`: the server may list it in public directories",
    )
    .or("false"),
];

fn address(selection: &Selection) -> Result<Address, OutputFault> {
    let url = selection.text("url").ok_or(OutputFault::MissingOption { key: "url" })?;
    Ok(Address::read(url)?)
}

fn about(selection: &Selection) -> Result<About, OutputFault> {
    let text = |key| selection.text(key).map(str::to_owned);
    let password_file = text("password_file").ok_or(OutputFault::MissingOption { key: "password_file" })?;
    Ok(About {
        user: text("user").unwrap_or_else(|| "source".to_owned()),
        password_file: PathBuf::from(password_file),
        name: text("name"),
        description: text("description"),
        genre: text("genre"),
        public: selection.options.get("public") == Some(&Setting::Flag(true)),
    })
}

fn codec(selection: &Selection) -> Result<Codec, OutputFault> {
    if selection.text("codec") == Some("flac") {
        return Ok(Codec::flac());
    }
    let kilobits = selection.integer("bitrate").and_then(|rate| u32::try_from(rate).ok()).unwrap_or(32);
    Ok(Codec::opus(kilobits * 1000)?)
}

fn open(selection: &Selection, _: OpenContext) -> Result<Box<dyn Output>, OutputFault> {
    let (address, about) = (address(selection)?, about(selection)?);
    let certificate = selection.text("certificate").map(PathBuf::from);
    let selection = selection.clone();
    live::open("icecast", move || {
        let deadline = pace::now() + ANSWERS;
        let mut wire = Wire::connect(&address, certificate.as_deref(), deadline)?;
        source::ask(&mut wire, &address, &about)?;
        let fault = |source| IcecastFault::Connection { server: address.server(), source };
        wire.streams().map_err(fault)?;
        let pulse = Pulse::take(address.clone(), certificate).map_err(fault)?;
        Ok(Stream::new(address.server(), wire, Pages::new(codec(&selection)?)?, pulse))
    })
}
