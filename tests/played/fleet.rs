//! How stations are: to be online and to be heard are two things.

use chrono::TimeDelta;
use dalaba::county::archive;
use dalaba::county::store::Address;
use dalaba::county::truth::{Fault, Listened, Row, SILENT, find_shared, in_force, planned, row, summary};
use dalaba::model::{Airing, Audible, CampaignId, Doubt, Monitored, Record, Serial, Status};
use dalaba::wire::{Health, HeldCampaign, StationHealth};

use super::county::{County, PLAYLIST, airing, airing_of, at, fill, heard, write};

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
            amplifier_fault: String::new(),
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
        "继电器没有反应".clone_into(&mut wrong.stations[0].amplifier_fault);
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
    let (output, amplifier) = ("没有声卡".to_owned(), "继电器没有反应".to_owned());
    let faults = [Fault::Output(output), Fault::Amplifier(amplifier), Fault::ClockOff];
    assert_eq!(wrong.faults, faults, "{wrong:?}");
    assert_eq!((wrong.waiting, wrong.clock_off), (99 - 8, Some(TimeDelta::minutes(4))));
    let away = rows.iter().find(|row| row.station.as_str() == "河东村").unwrap();
    assert_eq!(away.faults, [Fault::Away]);
    assert!(SILENT <= TimeDelta::seconds(100));
}

#[test]
fn two_daemons_with_a_station_of_one_name_are_shown_and_one_that_was_revoked_is_not() {
    let mut rows = rows();
    find_shared(&mut rows);
    assert!(rows.iter().all(|row| !row.faults.iter().any(|fault| matches!(fault, Fault::Shared(_)))));
    let of =
        |rows: &[Row], name: &str| rows.iter().find(|row| row.station.as_str() == name).cloned().unwrap();
    let mut copies = vec![of(&rows, "赵家庄"), of(&rows, "赵家庄"), of(&rows, "赵家庄"), of(&rows, "李家庄")];
    "新机器".clone_into(&mut copies[1].site);
    "旧机器".clone_into(&mut copies[2].site);
    copies[2].faults = vec![Fault::Revoked];
    find_shared(&mut copies);
    assert_eq!(copies[0].faults[0], Fault::Shared("新机器".to_owned()));
    assert_eq!(copies[1].faults[0], Fault::Shared("赵家庄".to_owned()));
    assert_eq!(copies[2].faults, [Fault::Revoked]);
    assert_eq!(copies[3].faults, of(&rows, "李家庄").faults);
}

/// What a microphone says of `airing`, eleven seconds after it was due.
fn listened(airing: &Airing, heard: Audible, missed: u32) -> Record {
    Record::Monitored(Monitored {
        airing: airing.clone(),
        at: airing.due_utc() + TimeDelta::seconds(11),
        heard,
        doubt: (heard == Audible::Unknown).then_some(Doubt::TooNoisy),
        level_millibel: Some(-2_100),
        score_permille: Some(640),
        delay: None,
        missed,
        kept: None,
    })
}

#[test]
fn what_microphones_heard_is_counted_apart_from_what_was_aired_and_self_tests_from_both() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (today, now) = (at("00:00:00"), at("22:00:00"));
    let (row, told) = runtime.block_on(async {
        let county = County::open(&Address::File(folder.path().join("county.db"))).await;
        let (_, payload) = county.publish(&[("broadcasts/春运.toml", PLAYLIST)]).await;
        county.enrol("赵家庄", 1, payload).await;
        let [early, next, late] = [("头盔", "08:00:00"), ("安全带", "08:00:00"), ("头盔", "18:00:00")]
            .map(|(message, time)| airing("赵家庄", message, time));
        let mut own = airing_of("赵家庄", "自检", ("自检", "这是喇叭自检。"), "07:55:00");
        own.status = Status::Test;
        let verdicts =
            [(own, Audible::Yes), (early, Audible::Yes), (next, Audible::No), (late, Audible::Unknown)];
        let records = verdicts.iter().flat_map(|(airing, verdict)| {
            let missed = u32::from(*verdict == Audible::No);
            [heard(airing), vec![listened(airing, *verdict, missed)]].concat()
        });
        write(&folder.path().join("赵家庄"), "07:00:00", records.collect());
        county.take("赵家庄", &folder.path().join("赵家庄"), now).await;
        let mut health = health("赵家庄");
        "fault".clone_into(&mut health.stations[0].monitor);
        county.store.keep_health("赵家庄", &health, now).await.unwrap();
        let published = archive::published(&county.store).await.unwrap();
        let told = archive::told_of(&county.store, today, now).await.unwrap().remove("赵家庄").unwrap();
        let village = archive::villages(&county.store).await.unwrap().remove(0);
        let spans = in_force(&village, &published, today, now);
        let plan = planned(&village.stations[0], &spans, chrono_tz::Asia::Shanghai);
        (row(&village, &village.stations[0], &published, (&plan, &told), (today, now)), told)
    });
    assert_eq!((row.aired, row.heard), (3, 3), "what the microphone says changes nothing of what was aired");
    assert_eq!(row.listened, Listened { yes: 1, no: 1, unknown: 1 });
    assert!(row.faults.contains(&Fault::NotHeard), "{:?}", row.faults);
    let sums = summary(&[row], today);
    assert_eq!((sums.heard, sums.microphones, sums.listened), (1, 1, 1));
    assert_eq!(told.len(), 4, "a verdict is no airing of its own");
    assert!(told.iter().all(|told| told.whole && told.entry.verdict.is_some() && told.is_completed()));
}
