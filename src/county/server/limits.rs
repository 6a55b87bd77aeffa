//! How often somebody may ask.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::answer::No;

/// Requests a second of one site, in the long run and at once: a bundle of a hundred files in a few seconds.
const REQUESTS: (u32, u32) = (50, 500);

/// Counts who asks.
pub(super) struct Limits {
    sites: DefaultKeyedRateLimiter<String>,
    enrolments: DefaultKeyedRateLimiter<IpAddr>,
}

impl Limits {
    /// `enrolments` is how many one address may try in a minute.
    pub(super) fn new(enrolments: u32) -> Self {
        let some = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(some(REQUESTS.0)).allow_burst(some(REQUESTS.1));
        let sites = RateLimiter::hashmap(quota);
        let enrolments = RateLimiter::hashmap(Quota::per_minute(some(enrolments)));
        Self { sites, enrolments }
    }

    pub(super) fn site(&self, name: &str) -> Result<(), No> {
        self.sites.check_key(&name.to_owned()).map_err(|_| No::too_often())
    }

    pub(super) fn enrolment(&self, from: IpAddr) -> Result<(), No> {
        self.enrolments.check_key(&network(from)).map_err(|_| No::too_often())
    }

    /// Forgets those who have not asked for a while.
    pub(super) fn forget(&self) {
        self.sites.retain_recent();
        self.enrolments.retain_recent();
        self.enrolments.shrink_to_fit();
    }
}

/// Who has one address of IPv6 has all of its network's.
fn network(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(from) => {
            let [a, b, c, d, ..] = from.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        from @ IpAddr::V4(_) => from,
    }
}
