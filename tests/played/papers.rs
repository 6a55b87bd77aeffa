//! Papers: the registers, the XML and the spreadsheet, held against what was looked at once.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::TimeDelta;
use chrono_tz::Asia::Shanghai;
use dalaba::county::archive;
use dalaba::county::store::Address;
use dalaba::county::truth::{Approval, Head, Told, Wording, approvals, in_force, register, wording, xml};
use dalaba::model::Digest;

use super::county::{County, at, fill};

/// Gathers what two villages told, with what was published of it.
async fn gathered(county: &County) -> Vec<(Told, Option<Wording>)> {
    let (from, until) = (at("00:00:00"), at("00:00:00") + TimeDelta::days(1));
    let published = archive::published(&county.store).await.unwrap();
    let mut told = archive::told_of(&county.store, from, until).await.unwrap();
    let mut all = Vec::new();
    for village in archive::villages(&county.store).await.unwrap() {
        if matches!(village.site.as_str(), "赵家庄" | "孙家庄") {
            let spans = in_force(&village, &published, from, until);
            let mine = told.remove(&village.site).unwrap();
            all.extend(mine.into_iter().map(|told| {
                let wording = wording(&told.entry, &published, &spans);
                (told, wording)
            }));
        }
    }
    all.sort_by_key(|(told, _)| (told.entry.due, told.entry.station.clone(), told.entry.seq));
    all
}

fn papers() -> [(&'static str, String); 3] {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let county = County::open(&Address::File(folder.path().join("county.db"))).await;
        fill(&county).await;
        let mut told = gathered(&county).await;
        // Somebody changed a word on the way to the horn: both are shown.
        told[0].0.entry.text = Some("骑车请戴头盔！".to_owned());
        told[0].1.as_mut().unwrap().same = false;
        // The hash of a log differs from run to run by nothing, but its file's name does not matter here.
        for (told, _) in &mut told {
            (told.epoch, told.hash) = (Digest::of(b"log"), Digest::of(b"record"));
        }
        let window = (at("00:00:00"), at("00:00:00") + TimeDelta::days(1));
        let head =
            Head { county: "某县交警大队".to_owned(), window, now: at("23:30:59"), zone: Shanghai };
        let published = archive::published(&county.store).await.unwrap();
        county.issue().await;
        let issued = archive::issued(&county.store).await.unwrap();
        let signed: Vec<_> =
            published.iter().map(Approval::Bundle).chain(issued.iter().map(Approval::Alert)).collect();
        [
            ("登记本.html", register(&told, &head)),
            ("审批本.html", approvals(&signed, &head)),
            ("记录.xml", xml(&told, head.now)),
        ]
    })
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/played").join(name)
}

/// With `DALABA_GOLDEN=write` the papers are written anew, to be looked at.
#[test]
fn papers_are_as_they_were_when_somebody_looked_at_them() {
    for (name, made) in papers() {
        if std::env::var("DALABA_GOLDEN").is_ok_and(|value| value == "write") {
            fs::write(golden(name), &made).unwrap();
        }
        let kept = fs::read_to_string(golden(name)).unwrap();
        let differs = made.lines().zip(kept.lines()).find(|(made, kept)| made != kept);
        assert!(made == kept, "{name}: {differs:?}");
    }
}

#[test]
fn what_a_village_writes_stays_text_on_paper() {
    let [(_, book), _, (_, records)] = papers();
    for paper in [&book, &records] {
        assert!(!paper.contains("<b>&") && paper.contains("&lt;b&gt;&amp;"), "{paper}");
    }
    assert!(!book.contains("<script") && !book.contains("http://") && !book.contains("https://"));
}

#[test]
fn every_time_on_paper_stands_in_its_own_place_and_says_which_time_it_is() {
    let [(_, book), _, (_, records)] = papers();
    // The alert of 13:14:15, which began 1.234 s later and was heard for 8.045 s: no two of these fields are the same.
    for text in [
        "<dueTimeUtc>2025-11-24T05:14:15.000Z</dueTimeUtc>",
        "<dueTimeBeijing>2025-11-24T13:14:15.000+08:00</dueTimeBeijing>",
        "<startTimeUtc>2025-11-24T05:14:16.234Z</startTimeUtc>",
        "<endTimeUtc>2025-11-24T05:14:24.279Z</endTimeUtc>",
        "<endTimeBeijing>2025-11-24T13:14:24.279+08:00</endTimeBeijing>",
        "<reportTimeUtc>2025-11-24T05:14:25.279Z</reportTimeUtc>",
        "<receivedTimeUtc>2025-11-24T15:00:00.000Z</receivedTimeUtc>",
    ] {
        assert!(records.contains(text), "{text}");
    }
    let row: Vec<&str> = book.split("<tr>").filter(|row| row.contains("暴雨-")).collect();
    for cell in ["2025-11-24", ">13:14:15<", ">13:14:16<", ">13:14:24<"] {
        assert!(row[0].contains(cell), "{cell}: {}", row[0]);
    }
    assert!(book.contains("所有时刻均为北京时间"));
}

#[test]
fn xml_is_of_the_form_that_the_schema_says() {
    let folder = tempfile::tempdir().unwrap();
    let [.., (_, mut records)] = papers();
    let file = folder.path().join("records.xml");
    fs::write(&file, &records).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/county-records.xsd");
    let judged = |file: &Path| {
        let judge =
            Command::new("xmllint").args(["--noout", "--nonet", "--schema"]).arg(&schema).arg(file).output();
        judge.expect("xmllint is installed")
    };
    let output = judged(&file);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // The judge does judge.
    records = records.replacen("state=\"3\"", "state=\"6\"", 1);
    fs::write(&file, &records).unwrap();
    assert!(!judged(&file).status.success());
}
