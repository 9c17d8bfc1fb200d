use super::account::*;
use super::found::*;
use super::rights::*;
use crate::domain::intent::Caller;
pub fn look(_o: &On, _p: &Papers, _r: &Rights, _s: &Shelf, _c: &Caller) -> Vec<Found> {
    Vec::new()
}
pub fn stale(_e: &RoleEntry, _n: i64) -> Option<Found> {
    None
}
