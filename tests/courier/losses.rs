//! What somebody lost: the county its database, the station its card.

use std::fs;

use super::daemon::House;
use super::office::{Office, Told};

/// The files of the county's database.
fn database(office: &Office) -> Vec<std::path::PathBuf> {
    let listed = fs::read_dir(office.path("state")).unwrap().map(|entry| entry.unwrap().path());
    listed.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with("county.db")).collect()
}

#[test]
fn a_county_that_put_back_an_old_database_gets_the_records_since_once_more() {
    let mut office = Office::open("127.0.0.1:0", false);
    let house = House::of(&["赵家庄"]);
    let _told = Told(&house);
    office.enrol(&house, "赵家庄", office.at());
    house.playlist("防火", "防火", "* * * * * *", "10s");
    let running = house.start();
    house.wait_for("an airing", |entry| entry.close.is_some());
    running.end("TERM");
    let quiet = house.start();
    house.playlist("防火", "防火", "0 0 3 29 2 *", "10s");
    let first = office.wait_for_all_records(&house, "赵家庄");
    office.kill();
    fs::create_dir(office.path("backup")).unwrap();
    for file in database(&office) {
        fs::copy(&file, office.path("backup").join(file.file_name().unwrap())).unwrap();
    }
    office.serve();
    house.playlist("防火", "防火", "* * * * * *", "10s");
    let first = i64::try_from(first).unwrap();
    house.wait_for("more airings", |entry| entry.close.as_ref().is_some_and(|_| entry.seq > first + 4));
    house.playlist("防火", "防火", "0 0 3 29 2 *", "10s");
    let second = office.wait_for_all_records(&house, "赵家庄");
    assert!(i64::try_from(second).unwrap() > first);

    office.kill();
    for file in database(&office) {
        fs::remove_file(file).unwrap();
    }
    for file in fs::read_dir(office.path("backup")).unwrap() {
        let file = file.unwrap().path();
        fs::copy(&file, office.path("state").join(file.file_name().unwrap())).unwrap();
    }
    office.serve();
    assert!(office.facts("赵家庄").len() < second, "the county lost some");
    // A record is made, and with it all come that are missing.
    house.playlist("防火", "防火", "*/2 * * * * *", "10s");
    let more = i64::try_from(second).unwrap();
    house.wait_for("one more", |entry| entry.seq > more && entry.close.is_some());
    house.playlist("防火", "防火", "0 0 3 29 2 *", "10s");
    assert!(office.wait_for_all_records(&house, "赵家庄") > second);
    quiet.end("TERM");
    house.verified();
}

#[test]
fn a_new_log_on_a_new_card_is_another_epoch_and_the_old_one_stays_at_the_county() {
    let office = Office::open("127.0.0.1:0", false);
    let house = House::of(&["赵家庄"]);
    let _told = Told(&house);
    office.enrol(&house, "赵家庄", office.at());
    let running = house.start();
    let first = office.wait_for_all_records(&house, "赵家庄");
    running.kill();
    for entry in fs::read_dir(house.state()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("as-run") {
            fs::remove_file(path).unwrap();
        }
    }
    let running = house.start();
    let reader = || dalaba::station::journal::Reader::open(&house.state()).unwrap();
    let epoch = reader().epoch().unwrap().unwrap();
    super::poll::until("the new log at the county", super::daemon::SOON, || {
        let logs = office.store(async |store| store.logs("赵家庄").await.unwrap());
        let newest = reader().newest().unwrap();
        (logs.len() == 2 && logs.iter().any(|log| log.epoch == epoch && log.through == newest)).then_some(())
    });
    let old = office.store(async |store| store.logs("赵家庄").await.unwrap());
    assert!(old.iter().any(|log| log.epoch != epoch && log.through == i64::try_from(first).unwrap()));
    running.end("TERM");
}
