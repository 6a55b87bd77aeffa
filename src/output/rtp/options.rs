//! The options of `rtp`: what is refused, and what to write instead.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::PathBuf;
use std::time::Duration;

use super::coding::{CODINGS, Coding, FULLEST, NAMES};
use crate::config::{Field, FieldKind};
use crate::model::{Priority, Selection, Setting, Words};
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
        let announce = matches!(selection.options.get("announce"), Some(Setting::Flag(true)));
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

    /// Lists the addresses, and the files that tell of them, with the options that name them.
    pub(super) fn taken(&self) -> Vec<(&'static str, String)> {
        let by = self.interface.as_ref().map_or(String::new(), |interface| format!("%{interface}"));
        let ways = self.ways().into_iter().map(|(to, word)| (word.unwrap_or("address"), format!("{to}{by}")));
        ways.chain(self.sdp.as_ref().map(|path| ("sdp", path.display().to_string()))).collect()
    }

    /// Returns how many routers a packet to `to` may pass.
    pub(super) fn ttl(&self, to: Ipv4Addr) -> u32 {
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

/// Says what is wrong with an option, and what to write; both in Chinese and in English.
fn refused(key: &'static str, zh: (String, String), en: (String, String)) -> OutputFault {
    OutputFault::Option { key, what: Words::new(zh.0, en.0), fix: Words::new(zh.1, en.1) }
}

fn unannounced(to: SocketAddrV4) -> OutputFault {
    refused(
        "announce",
        (
            format!("{to} 是单播地址，不能通告"),
            "去掉 `announce`，或把地址改成组播，如 `239.1.2.3:5004`".to_owned(),
        ),
        (
            format!("{to} is one receiver and cannot be announced"),
            "remove `announce`, or write a multicast address such as `239.1.2.3:5004`".to_owned(),
        ),
    )
}

/// Reads an address; a fault proposes one that is right.
fn address(selection: &Selection, key: &'static str) -> Result<Option<SocketAddrV4>, OutputFault> {
    let Some(written) = selection.text(key) else { return Ok(None) };
    let Ok(to) = written.parse::<SocketAddrV4>() else { return Err(unreadable(key, written)) };
    let (ip, port) = (to.ip(), to.port());
    let write = |better: String| (format!("改成 `{better}` 这样"), format!("write it like `{better}`"));
    let (what, fix) = if port == 0 {
        let what = (format!("`{written}` 的端口是 0"), format!("the port of `{written}` is 0"));
        (what, write(format!("{ip}:5004")))
    } else if ip.octets()[..3] == [224, 0, 0] {
        let zh = format!("`{ip}` 是路由器之间用的组播地址");
        ((zh, format!("`{ip}` is for routers among themselves")), write(format!("239.1.2.3:{port}")))
    } else if ip.is_unspecified() || ip.octets()[0] >= 240 {
        let what = (format!("`{ip}` 不能接收声音"), format!("nothing can listen at `{ip}`"));
        (what, write(format!("239.1.2.3:{port}")))
    } else {
        return Ok(Some(to));
    };
    Err(refused(key, (what.0, fix.0), (what.1, fix.1)))
}

fn unreadable(key: &'static str, written: &str) -> OutputFault {
    let plain = typed(written);
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
        (format!("`{written}` {zh}"), format!("改成 `{better}` 这样")),
        (format!("`{written}` {en}"), format!("write it like `{better}`")),
    )
}

/// Turns what a Chinese keyboard gives for digits, dots and colons into what was meant.
fn typed(written: &str) -> String {
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
    plain.strip_prefix("rtp://").map(str::to_owned).unwrap_or(plain)
}

fn packet_time(selection: &Selection, coding: &Coding) -> Result<Duration, OutputFault> {
    let usual = Duration::from_millis(coding.usual.into());
    let Some(time) = selection.length("packet_time") else { return Ok(usual) };
    let (name, usual) = (coding.name, coding.usual);
    let refuse = |zh: String, en: String| {
        let better = format!("\"{usual}ms\"");
        let (zh, en) = ((zh, format!("改成 `{better}`")), (en, format!("write `{better}`")));
        Err(refused("packet_time", zh, en))
    };
    let is_whole = |samples: &u64| (samples * u64::from(coding.bits)).is_multiple_of(8);
    // Ours has to be a whole number too: it is what paces them.
    let ours = (micros(time) * 48).is_multiple_of(1000);
    match coding.samples(micros(time)).filter(is_whole).filter(|_| ours) {
        None => refuse(
            format!("`{name}` 每包的声音要是完整的采样"),
            format!("a packet of `{name}` has to hold whole samples"),
        ),
        Some(samples) if coding.bytes(samples) > u64::from(FULLEST) => refuse(
            format!("`{name}` 这样一个包有 {} 字节，网络一次带不走", coding.bytes(samples)),
            format!(
                "such a packet of `{name}` has {} bytes, more than the network carries at once",
                coding.bytes(samples)
            ),
        ),
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
        (format!("`{name}` 不是网口的名称"), "运行 `ip link` 查看，写成 `\"eth0\"` 这样".to_owned()),
        (
            format!("`{name}` is no name of a network interface"),
            "`ip link` lists them: write it like `\"eth0\"`".to_owned(),
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(options: &[(&str, Setting)]) -> Result<Options, OutputFault> {
        let address = ("address".to_owned(), text("239.1.2.3:5004"));
        let more = options.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
        let options = std::iter::once(address).chain(more).collect();
        Options::read(&Selection { kind: "rtp".to_owned(), options })
    }

    fn text(text: &str) -> Setting {
        Setting::Text(text.to_owned())
    }

    #[test]
    fn an_address_alone_is_enough() {
        let options = read(&[]).unwrap();
        assert_eq!((options.coding.name, options.packet_time), ("pcmu", Duration::from_millis(20)));
        let to = options.to(Priority::Emergency);
        assert_eq!((to, options.ttl(*to.ip()), options.dscp), ("239.1.2.3:5004".parse().unwrap(), 16, 46));
        assert_eq!(options.ways().len(), 1);
    }

    #[test]
    fn what_cannot_be_is_refused_in_both_languages_with_what_to_write() {
        let long = |millis| Setting::Length(Duration::from_millis(millis));
        let cases = [
            ("address", text("239.1.2.3"), "239.1.2.3:5004"),
            ("address", text("２３９。1。2。3：5004"), "`239.1.2.3:5004`"),
            ("address", text("rtp://239.9.2.3:6000"), "`239.9.2.3:6000`"),
            ("address", text("喇叭.local:5004"), "239.1.2.3:5004"),
            ("address", text("239.1.2.3:0"), "239.1.2.3:5004"),
            ("address", text("224.0.0.1:5004"), "239.1.2.3:5004"),
            ("emergency", text("255.255.255.255:7000"), "239.1.2.3:7000"),
            ("packet_time", long(60), ""),
            ("interface", text("10.0.0.1"), "eth0"),
            ("interface", text("../eth0"), "eth0"),
        ];
        for (wanted, value, fix) in cases {
            let codec = if wanted == "packet_time" { "l16" } else { "pcmu" };
            let answer = read(&[("codec", text(codec)), (wanted, value.clone())]);
            let Err(fault @ OutputFault::Option { key, .. }) = &answer else {
                panic!("{wanted} = {value:?} was taken")
            };
            assert_eq!(*key, wanted);
            let words = fault.words();
            assert!(words.zh.contains(fix) && words.en.contains(fix), "{words}");
        }
    }

    #[test]
    fn a_packet_holds_whole_samples_and_fits_the_network() {
        let long = |micros| Setting::Length(Duration::from_micros(micros));
        for (codec, micros, is_right) in [
            ("pcmu", 20_000, true),
            ("pcmu", 60_000, true),
            ("g722", 10_000, true),
            ("l16", 1_000, true),
            ("l16", 14_000, true),
            ("l16", 20_000, false),
            ("l16-44100", 10_000, true),
            ("l16-44100", 5_000, false),
            ("pcmu", 1_100, false),
        ] {
            let taken = read(&[("codec", text(codec)), ("packet_time", long(micros))]);
            assert_eq!(taken.is_ok(), is_right, "{codec} {micros}");
        }
    }

    #[test]
    fn one_receiver_cannot_be_announced() {
        let answer = read(&[("announce", Setting::Flag(true)), ("urgent", text("10.0.0.5:5004"))]);
        let Err(OutputFault::Option { key: "announce", what, .. }) = answer else { panic!("{answer:?}") };
        assert!(what.zh.contains("10.0.0.5:5004"), "{what}");
    }

    #[test]
    fn each_priority_has_the_address_of_the_next_weaker_one_that_has_one() {
        let options = read(&[("important", text("239.1.2.4:5004")), ("sdp", text("/run/喇叭.sdp"))]).unwrap();
        let to = |priority| options.to(priority).ip().octets()[3];
        assert_eq!((to(Priority::Routine), to(Priority::Important), to(Priority::Emergency)), (3, 4, 4));
        let files: Vec<_> = options.ways().into_iter().filter_map(|(_, word)| options.sdp(word)).collect();
        assert_eq!(files, [PathBuf::from("/run/喇叭.sdp"), PathBuf::from("/run/喇叭.important.sdp")]);
    }
}
