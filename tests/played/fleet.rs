//! How stations are: to be online and to be heard are two things.

use chrono::TimeDelta;
use dalaba::county::archive;
use dalaba::county::store::Address;
use dalaba::county::truth::{Fault, Row, SILENT, in_force, planned, row, summary};
use dalaba::model::{CampaignId, Serial};
use dalaba::wire::{Health, HeldCampaign, StationHealth};

use super::county::{County, at, fill};

fn health(station: &str) -> Health {
    Health {
        at: at("22:00:00"),
        clock_trusted: true,
        version: "0.1.0".to_owned(),
        run: 1,
        disk_free: None,
        newest: 3,
        journal_ok: true,
        campaigns: vec![HeldCampaign { campaign: CampaignId::new("春运").unwrap(), serial: Serial(1) }],
        stations: vec![StationHealth {
            id: station.to_owned(),
            zones: vec!["河东".to_owned()],
            output_ok: true,
            output_detail: String::new(),
            monitor: String::new(),
            volume: 80,
            last_completed: None,
            last_heard: None,
        }],
    }
}

fn rows() -> Vec<Row> {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let county = County::open(&Address::File(folder.path().join("county.db"))).await;
        fill(&county).await;
        let (today, now) = (at("00:00:00"), at("22:00:00"));
        // 李家庄 answers every time, and has never made a sound: its green light says nothing.
        county.store.keep_health("李家庄", &health("李家庄"), now).await.unwrap();
        let mut wrong = health("孙家庄");
        (wrong.at, wrong.newest) = (now + TimeDelta::minutes(4), 99);
        wrong.stations[0].output_ok = false;
        "没有声卡".clone_into(&mut wrong.stations[0].output_detail);
        county.store.keep_health("孙家庄", &wrong, now).await.unwrap();
        let published = archive::published(&county.store).await.unwrap();
        let told = archive::told_of(&county.store, today, now).await.unwrap();
        let mut rows = Vec::new();
        for mut village in archive::villages(&county.store).await.unwrap() {
            // The logs of the others come later than the moment that is asked about.
            village.logs.retain(|log| log.received <= now || village.site == "孙家庄");
            let spans = in_force(&village, &published, today, now);
            let mine = told.get(&village.site).cloned().unwrap_or_default();
            for station in &village.stations {
                let plan = planned(station, &spans, chrono_tz::Asia::Shanghai);
                rows.push(row(&village, station, &published, (&plan, &mine), (today, now)));
            }
        }
        rows
    })
}

#[test]
fn online_and_heard_are_counted_apart() {
    let rows = rows();
    let of = |name: &str| rows.iter().find(|row| row.station.as_str() == name).unwrap();
    let (silent, good) = (of("李家庄"), of("赵家庄"));
    assert!(silent.online && silent.heard == 0 && silent.aired == 0 && silent.planned == 4, "{silent:?}");
    assert!(!good.online && good.aired == 4 && good.heard == 7, "{good:?}");
    let sums = summary(&rows, at("00:00:00"));
    assert_eq!((sums.stations, sums.online, sums.heard, sums.planned, sums.complete), (5, 2, 4, 5, 2));
    assert_eq!(sums.microphones, 0, "nobody claims to have been heard by one");
}

#[test]
fn what_is_wrong_is_shown() {
    let rows = rows();
    let wrong = rows.iter().find(|row| row.station.as_str() == "孙家庄").unwrap();
    assert_eq!(wrong.faults, [Fault::Output("没有声卡".to_owned()), Fault::ClockOff], "{wrong:?}");
    assert_eq!((wrong.waiting, wrong.clock_off), (99 - 8, Some(TimeDelta::minutes(4))));
    let away = rows.iter().find(|row| row.station.as_str() == "河东村").unwrap();
    assert_eq!(away.faults, [Fault::Away]);
    assert!(SILENT <= TimeDelta::seconds(100));
}
