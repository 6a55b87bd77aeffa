//! The options of `rtp`: what is refused, and what to write instead.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;
use std::time::Duration;

use super::coding::{CODINGS, Coding, FULLEST, NAMES};
use crate::config::{Field, FieldKind};
use crate::model::{Priority, Selection, Words};
use crate::output::OutputFault;

/// The keys.
pub(super) const FIELDS: &[Field] = &[
    Field::new(
        "address",
        FieldKind::Name,
        "发到哪里：IPv4 地址、冒号、端口。组播如 `239.1.2.3:5004`（音柱和话机里填同一个），单播如 `192.168.1.50:5004`",
        "Where it is sent: an IPv4 address, a colon, a port. Multicast such as `239.1.2.3:5004` (the same goes into the horns and phones), or one receiver such as `192.168.1.50:5004`",
    )
    .required(),
    Field::new(
        "important",
        FieldKind::Name,
        "重要及以上的播报改发这个地址。音柱和话机给每个组播地址排优先顺序，把强的地址排在前面，强的播报就能打断弱的",
        "Where important messages and stronger ones go instead. Horns and phones rank the addresses that they listen to: rank this one above `address`, and it breaks in",
    ),
    Field::new(
        "urgent",
        FieldKind::Name,
        "紧急及以上的播报改发这个地址",
        "Where urgent messages and emergencies go instead",
    ),
    Field::new("emergency", FieldKind::Name, "应急播报改发这个地址", "Where emergencies go instead"),
    Field::new(
        "codec",
        FieldKind::OneOf(&NAMES),
        "编码：`pcmu`、`pcma`（电话音质，都认），`g722`（宽带，话机和音柱多半认），`l16`（48 kHz 无损，专业设备），`l16-44100`（44.1 kHz 无损）",
        "How the sound is coded: `pcmu`, `pcma` (as on the telephone; all take them), `g722` (wide band; most phones and horns), `l16` (48 kHz, lossless; studio devices), `l16-44100` (44.1 kHz)",
    )
    .or(CODINGS[0].name),
    Field::new(
        "packet_time",
        FieldKind::Length { min: Duration::from_millis(1), max: Duration::from_millis(60) },
        "每个包里多长的声音；不写就是 20 毫秒，`l16` 是 10 毫秒。接收设备有规定时才改",
        "How much sound is in a packet; 20 ms, and 10 ms for `l16`, if absent. Only for receivers that want another",
    ),
    Field::new(
        "interface",
        FieldKind::Name,
        "从哪个网口发，如 `eth0`（见 `ip link`）；不写就按系统的路由",
        "The network interface it leaves by, such as `eth0` (see `ip link`); by the system's routes, if absent",
    ),
    Field::new(
        "ttl",
        FieldKind::Integer { min: 1, max: 255 },
        "最多经过几台路由器；不写时组播 16，单播 64。只许在本网段里就写 1",
        "How many routers it may pass; 16 for multicast and 64 for one receiver, if absent. 1 keeps it on the local network",
    ),
    Field::new(
        "dscp",
        FieldKind::Integer { min: 0, max: 63 },
        "网络里的优先等级（DSCP）；46 是话音，交换机会先传",
        "Its class on the network (DSCP); 46 is voice, which switches carry first",
    )
    .or("46"),
    Field::new(
        "sdp",
        FieldKind::Path,
        "把接收参数写成 SDP 文件，给 VLC、ffmpeg 等用；不写就不生成",
        "An SDP file to write, which tells VLC, ffmpeg and others how to listen; none, if absent",
    ),
    Field::new(
        "announce",
        FieldKind::Flag,
        "`true`：在网上通告（SAP），支持的设备会自己列出来；只用于组播",
        "`true`: announced on the network (SAP), so that receivers that know it list the stream; multicast only",
    )
    .or("false"),
    Field::new(
        "title",
        FieldKind::Text { longest: 60 },
        "SDP 和通告里的名称",
        "Its name in the SDP file and in announcements",
    )
    .or("大喇叭"),
];

/// The options, checked.
#[derive(Debug)]
pub(super) struct Options {
    /// Where each priority goes, weakest first.
    addresses: [SocketAddrV4; 4],
    pub(super) coding: &'static Coding,
    pub(super) packet_time: Duration,
    ttl: Option<u32>,
    /// The class of the packets, 0 to 63.
    pub(super) dscp: u32,
    pub(super) interface: Option<String>,
    sdp: Option<PathBuf>,
    pub(super) announce: bool,
    pub(super) title: String,
}

impl Options {
    /// Reads them from what `station.toml` says.
    pub(super) fn read(selection: &Selection) -> Result<Self, OutputFault> {
        let routine = address(selection, "address")?.ok_or(OutputFault::MissingOption { key: "address" })?;
        let important = address(selection, "important")?.unwrap_or(routine);
        let urgent = address(selection, "urgent")?.unwrap_or(important);
        let emergency = address(selection, "emergency")?.unwrap_or(urgent);
        let addresses = [routine, important, urgent, emergency];
        let name = selection.text("codec").unwrap_or(CODINGS[0].name);
        let coding = CODINGS.iter().find(|coding| coding.name == name).unwrap_or(&CODINGS[0]);
        let announce = matches!(selection.options.get("announce"), Some(crate::model::Setting::Flag(true)));
        if let Some(single) = addresses.iter().find(|to| announce && !to.ip().is_multicast()) {
            return Err(unannounced(*single));
        }
        Ok(Self {
            addresses,
            coding,
            packet_time: packet_time(selection, coding)?,
            ttl: selection.integer("ttl").and_then(|ttl| u32::try_from(ttl).ok()),
            dscp: selection.integer("dscp").and_then(|dscp| u32::try_from(dscp).ok()).unwrap_or(46),
            interface: interface(selection)?,
            sdp: selection.text("sdp").map(PathBuf::from),
            announce,
            title: selection.text("title").unwrap_or("大喇叭").to_owned(),
        })
    }

    /// Returns where a message of `priority` goes.
    ///
    /// Receivers want a number, or rather a place in their list of addresses; here the word becomes the address.
    pub(super) fn to(&self, priority: Priority) -> SocketAddrV4 {
        self.addresses[priority as usize]
    }

    /// Lists the different addresses with the word of the weakest priority that goes there; none for `address`.
    pub(super) fn ways(&self) -> Vec<(SocketAddrV4, Option<&'static str>)> {
        let words = [None, Some("important"), Some("urgent"), Some("emergency")];
        let mut ways: Vec<(SocketAddrV4, Option<&'static str>)> = Vec::new();
        for (to, word) in self.addresses.into_iter().zip(words) {
            if ways.iter().all(|(known, _)| *known != to) {
                ways.push((to, word));
            }
        }
        ways
    }

    /// Returns how many routers a packet to `to` may pass.
    pub(super) fn ttl(&self, to: &Ipv4Addr) -> u32 {
        self.ttl.unwrap_or(if to.is_multicast() { 16 } else { 64 })
    }

    /// Returns the SDP file of the address with that word: `喇叭.sdp`, `喇叭.emergency.sdp`.
    pub(super) fn sdp(&self, word: Option<&str>) -> Option<PathBuf> {
        let path = self.sdp.as_ref()?;
        let Some(word) = word else { return Some(path.clone()) };
        let ending = path.extension().unwrap_or_default().to_string_lossy();
        Some(path.with_extension(format!("{word}.{ending}").trim_end_matches('.')))
    }

    /// Counts the samples in a packet, at the coding's rate.
    pub(super) fn samples(&self) -> usize {
        // Whole and few: that was checked.
        let samples = self.coding.samples(micros(self.packet_time)).unwrap_or_default();
        usize::try_from(samples).unwrap_or_default()
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn refused(key: &'static str, zh: impl Into<String>, en: impl Into<String>) -> OutputFault {
    OutputFault::Option { key, words: Words::new(zh, en) }
}

fn unannounced(to: SocketAddrV4) -> OutputFault {
    refused(
        "announce",
        format!("{to} 是单播地址，不能通告；去掉 `announce`，或把地址改成组播，如 239.1.2.3:5004"),
        format!(
            "{to} is one receiver and cannot be announced; remove `announce`, or write a multicast address such as 239.1.2.3:5004"
        ),
    )
}

/// Reads an address; the text of a fault proposes one that is right.
fn address(selection: &Selection, key: &'static str) -> Result<Option<SocketAddrV4>, OutputFault> {
    let Some(written) = selection.text(key) else { return Ok(None) };
    let Ok(to) = written.parse::<SocketAddrV4>() else { return Err(unreadable(key, written)) };
    let ip = to.ip();
    if to.port() == 0 {
        return Err(refused(
            key,
            format!("`{written}` 的端口是 0；改成 `{ip}:5004`"),
            format!("the port of `{written}` is 0; write `{ip}:5004`"),
        ));
    }
    if ip.octets()[..3] == [224, 0, 0] {
        return Err(refused(
            key,
            format!("`{ip}` 是路由器之间用的组播地址；改用 239 开头的，如 `239.1.2.3:{}`", to.port()),
            format!(
                "`{ip}` is for routers among themselves; write one that begins with 239, such as `239.1.2.3:{}`",
                to.port()
            ),
        ));
    }
    if ip.is_unspecified() || ip.octets()[0] >= 240 {
        return Err(refused(
            key,
            format!("`{ip}` 不能接收声音；写组播地址，如 `239.1.2.3:{0}`，或接收设备的地址", to.port()),
            format!(
                "nothing can listen at `{ip}`; write a multicast address such as `239.1.2.3:{0}`, or that of the receiver",
                to.port()
            ),
        ));
    }
    Ok(Some(to))
}

fn unreadable(key: &'static str, written: &str) -> OutputFault {
    // What a Chinese keyboard gives for digits, dots and colons.
    let plain: String = written
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .map(|letter| match letter {
            '：' => ':',
            '。' | '．' => '.',
            '０'..='９' => char::from_u32(u32::from(letter) - 0xFEE0).unwrap_or(letter),
            _ => letter,
        })
        .collect();
    let plain = plain.strip_prefix("rtp://").map(str::to_owned).unwrap_or(plain);
    let better = match (plain.parse::<SocketAddrV4>(), plain.parse::<Ipv4Addr>()) {
        (Ok(to), _) => to.to_string(),
        (_, Ok(ip)) => format!("{ip}:5004"),
        _ => "239.1.2.3:5004".to_owned(),
    };
    let (zh, en) = if plain.parse::<Ipv4Addr>().is_ok() {
        ("没有写端口", "has no port")
    } else {
        ("不是 IPv4 地址加端口", "is no IPv4 address with a port")
    };
    refused(
        key,
        format!("`{written}` {zh}；改成 `{better}` 这样"),
        format!("`{written}` {en}; write it like `{better}`"),
    )
}

fn packet_time(selection: &Selection, coding: &Coding) -> Result<Duration, OutputFault> {
    let usual = Duration::from_millis(coding.usual.into());
    let Some(time) = selection.length("packet_time") else { return Ok(usual) };
    let (name, usual) = (coding.name, coding.usual);
    let fits = |samples: u64| {
        let whole = coding.bytes(samples) > 0 && (samples * u64::from(coding.bits)).is_multiple_of(8);
        whole.then_some(samples)
    };
    // Ours has to be a whole number too: it is what paces them.
    let ours = micros(time) * 48 % 1000 == 0;
    match coding.samples(micros(time)).and_then(fits).filter(|_| ours) {
        None => Err(refused(
            "packet_time",
            format!("`{name}` 每包的声音要是完整的采样；改成 `\"{usual}ms\"`"),
            format!("a packet of `{name}` has to hold whole samples; write `\"{usual}ms\"`"),
        )),
        Some(samples) if coding.bytes(samples) > u64::from(FULLEST) => Err(refused(
            "packet_time",
            format!(
                "`{name}` 这样一个包有 {} 字节，网络一次带不走；改成 `\"{usual}ms\"`",
                coding.bytes(samples)
            ),
            format!(
                "such a packet of `{name}` has {} bytes, more than the network carries at once; write `\"{usual}ms\"`",
                coding.bytes(samples)
            ),
        )),
        Some(_) => Ok(time),
    }
}

fn interface(selection: &Selection) -> Result<Option<String>, OutputFault> {
    let Some(name) = selection.text("interface") else { return Ok(None) };
    let is_name = name.len() < 16
        && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/' && byte != b':')
        && !name.starts_with('.');
    if is_name && name.parse::<Ipv4Addr>().is_err() {
        return Ok(Some(name.to_owned()));
    }
    Err(refused(
        "interface",
        format!("`{name}` 不是网口的名称；运行 `ip link` 查看，写成 `\"eth0\"` 这样"),
        format!("`{name}` is no name of a network interface; `ip link` lists them: write it like `\"eth0\"`"),
    ))
}
