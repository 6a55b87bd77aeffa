//! Area → stations: by shape where a place has a position, by code, by name. What matches nothing is told; nothing is widened.

use crate::model::{Target, Words};

use super::alert::{Area, Circle, Point};
use super::rules::Place;

/// Mean radius of the earth in kilometres.
const EARTH: f64 = 6371.0;

/// Digits that each level of a Chinese administrative code (GB/T 2260, GB/T 10114) ends at: province, prefecture, county,
/// town, village.
const LEVELS: [usize; 5] = [2, 4, 6, 9, 12];

/// Finds the stations of some areas, and says of each area that has none that it has none.
pub(super) fn stations(areas: &[Area], places: &[Place]) -> (Vec<Target>, Vec<Words>) {
    let (mut found, mut unknown) = (Vec::new(), Vec::new());
    for area in areas {
        let mut here = places.iter().filter(|place| covers(area, place)).peekable();
        if here.peek().is_none() {
            unknown.push(nobody(area));
        }
        for target in here.flat_map(|place| &place.targets) {
            if !found.contains(target) {
                found.push(target.clone());
            }
        }
    }
    (found, unknown)
}

fn nobody(area: &Area) -> Words {
    let codes: Vec<&str> = area.geocodes.iter().take(5).map(|code| code.value.as_str()).collect();
    let (name, codes) = (&area.description, codes.join(" "));
    let name = if name.is_empty() { "?" } else { name };
    Words::new(
        format!("区域“{name}”（{codes}）里没有我们的站点"),
        format!("no station of ours in the area {name} ({codes})"),
    )
}

/// A shape is more exact than the code of the county around it: where it can be asked, it alone decides.
fn covers(area: &Area, place: &Place) -> bool {
    let shaped = !area.polygons.is_empty() || !area.circles.is_empty();
    if let (true, Some(position)) = (shaped, place.position) {
        return area.polygons.iter().any(|ring| is_inside(ring, position))
            || area.circles.iter().any(|circle| is_near(circle, position));
    }
    let coded = |name: &str, value: &str| {
        (place.code_names.is_empty() || place.code_names.iter().any(|known| known == name))
            && place.codes.iter().any(|own| lies_in(own, value))
    };
    area.geocodes.iter().any(|code| coded(&code.name, &code.value)) || place.names.contains(&area.description)
}

/// Tells whether what has the code `own` lies in what has the code `wide`. Only administrative codes have others in them; one
/// that names less than a province has nobody.
fn lies_in(own: &str, wide: &str) -> bool {
    if own == wide {
        return !own.is_empty();
    }
    match (significant(own), significant(wide)) {
        (Some(own), Some(wide)) => own.starts_with(wide),
        _ => false,
    }
}

/// Returns the digits of an administrative code that say something: `130522000000` → `130522`.
fn significant(code: &str) -> Option<&str> {
    let known = LEVELS[2..].contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
    // Provinces have 11 to 82. Codes of other countries look alike, and mean something else.
    if !known || !matches!(code.as_bytes()[0], b'1'..=b'8') {
        return None;
    }
    let levels = LEVELS.iter().rev().filter(|level| **level <= code.len());
    let empty = |level: &usize| code[level_before(*level)..*level].bytes().all(|byte| byte == b'0');
    levels.copied().find(|level| !empty(level)).map(|level| &code[..level])
}

fn level_before(level: usize) -> usize {
    LEVELS.iter().rev().copied().find(|before| *before < level).unwrap_or(0)
}

/// The even-odd rule: a ray to the east crosses the ring an odd number of times. Degrees are taken as a plane, which for areas
/// of a warning is as exact as their corners; a ring over the date line or a pole covers nobody here.
fn is_inside(ring: &[Point], at: Point) -> bool {
    let crossed = ring.windows(2).filter(|side| {
        let (from, to) = (side[0], side[1]);
        (from.latitude > at.latitude) != (to.latitude > at.latitude)
            && at.longitude
                < (to.longitude - from.longitude) * (at.latitude - from.latitude)
                    / (to.latitude - from.latitude)
                    + from.longitude
    });
    crossed.count() % 2 == 1
}

/// The great-circle distance by the haversine formula.
fn is_near(circle: &Circle, at: Point) -> bool {
    let (a, b) = (circle.centre, at);
    let half = |from: f64, to: f64| ((to - from).to_radians() / 2.0).sin().powi(2);
    let sum = half(a.latitude, b.latitude)
        + a.latitude.to_radians().cos() * b.latitude.to_radians().cos() * half(a.longitude, b.longitude);
    2.0 * EARTH * sum.clamp(0.0, 1.0).sqrt().asin() <= circle.radius
}

#[cfg(test)]
mod tests {
    use super::super::alert::Coded;
    use super::*;

    fn village() -> Place {
        Place {
            targets: vec!["赵家庄".parse().unwrap()],
            codes: vec!["130522101201".into()],
            names: vec!["赵家庄".into()],
            ..Place::default()
        }
    }

    fn coded(value: &str) -> Area {
        let code = Coded { name: "行政区划代码".into(), value: value.into() };
        Area { geocodes: vec![code], ..Area::default() }
    }

    fn square() -> Vec<Point> {
        ["37,114", "37,115", "38,115", "38,114", "37,114"].map(|point| point.parse().unwrap()).to_vec()
    }

    #[test]
    fn a_county_contains_its_villages_and_no_other_countys() {
        let covered = |value: &str| covers(&coded(value), &village());
        for value in [
            "130522101201",
            "130522101000",
            "130522000000",
            "130522",
            "130500",
            "130000",
            "130522101",
            "130000000000",
        ] {
            assert!(covered(value), "{value}");
        }
        for value in [
            "130522101202",
            "130522102000",
            "130523000000",
            "130600",
            "140000",
            "13",
            "1305",
            "000000",
            "",
            "100000",
        ] {
            assert!(!covered(value), "{value}");
        }
    }

    #[test]
    fn a_place_known_by_its_county_only_is_not_reached_by_a_villages_code() {
        let county = Place { codes: vec!["130522".into()], ..village() };
        assert!(covers(&coded("130522000000"), &county));
        assert!(!covers(&coded("130522101201"), &county), "that would tell the whole county");
    }

    #[test]
    fn codes_of_other_countries_are_themselves_only() {
        let place = Place { codes: vec!["006109".into(), "NVC013".into()], ..village() };
        assert!(covers(&coded("006109"), &place) && covers(&coded("NVC013"), &place));
        assert!(!covers(&coded("006000"), &place));
        let under = Place { code_names: vec!["SAME".into()], ..place };
        assert!(!covers(&coded("006109"), &under), "another system's code of the same digits");
    }

    #[test]
    fn a_shape_decides_where_there_is_a_position_and_the_code_elsewhere() {
        let area = Area { polygons: vec![square()], ..coded("130522000000") };
        let at = |position: &str| Place { position: position.parse().ok(), ..village() };
        assert!(covers(&area, &at("37.5,114.5")));
        assert!(!covers(&area, &at("37.5,115.5")), "in the county, out of the storm's way");
        assert!(covers(&area, &village()));
    }

    #[test]
    fn a_circle_reaches_as_far_as_it_says() {
        let circle = |radius| Circle { centre: "37.0,114.0".parse().unwrap(), radius };
        // A degree of latitude is 111.2 km.
        let at = "38.0,114.0".parse().unwrap();
        assert!(is_near(&circle(111.3), at) && !is_near(&circle(111.0), at));
        assert!(!is_near(&circle(0.0), at));
    }

    #[test]
    fn an_area_without_stations_is_told_and_reaches_nobody() {
        let named = Area { description: "赵家庄".into(), ..Area::default() };
        let (found, unknown) = stations(&[named, coded("140000")], &[village()]);
        assert_eq!(found, ["赵家庄".parse::<Target>().unwrap()]);
        assert_eq!(unknown.len(), 1);
        assert!(unknown[0].en.contains("140000"));
        assert_eq!(stations(&[Area::default()], &[village()]).0, []);
    }
}
