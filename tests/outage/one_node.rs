//! One node on SQLite, as most counties have it.

use super::county::County;
use super::villages::Villages;

#[test]
fn one_node_on_sqlite_that_is_killed_again_and_again_loses_nothing_that_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("county.db").to_str().unwrap().to_owned();
    let mut county = County::open(&database, std::slice::from_ref(&database));
    county.publish();
    let villages = Villages::at_work(&county, 6, county.port());
    for round in 0..6 {
        county.kill(0);
        county.start(0);
        if round == 2 {
            county.publish();
        }
        villages.go_on();
    }
    villages.account(&database, 2);
}
