//! Condition operators.

use std::net::IpAddr;

use super::date::instant;
use super::pattern::{Piece, arn_fits, fits};

/// A condition operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// As written: `ForAnyValue:StringLikeIfExists`.
    pub written: String,
    /// `ForAllValues` or `ForAnyValue`.
    pub set: Option<Set>,
    /// `…IfExists`: an absent key is no obstacle.
    pub if_exists: bool,
    /// `…Not…`: it holds where no value matches.
    pub negated: bool,
    pub(super) test: Test,
}

/// How a key of several values is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// `ForAllValues`: each of the request's values must hold; none there is fine.
    All,
    /// `ForAnyValue`: one of the request's values must hold.
    Any,
}

/// How one value is held against one wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    Text { fold: bool },
    Like,
    Arn,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Address,
    Null,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Equal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

/// Every operator of the condition operators reference: name, test, negated. `ArnEquals` and `ArnLike` are the same.
const OPERATORS: [(&str, Test, bool); 27] = [
    ("StringEquals", Test::Text { fold: false }, false),
    ("StringNotEquals", Test::Text { fold: false }, true),
    ("StringEqualsIgnoreCase", Test::Text { fold: true }, false),
    ("StringNotEqualsIgnoreCase", Test::Text { fold: true }, true),
    ("StringLike", Test::Like, false),
    ("StringNotLike", Test::Like, true),
    ("ArnEquals", Test::Arn, false),
    ("ArnNotEquals", Test::Arn, true),
    ("ArnLike", Test::Arn, false),
    ("ArnNotLike", Test::Arn, true),
    ("NumericEquals", Test::Number(Order::Equal), false),
    ("NumericNotEquals", Test::Number(Order::Equal), true),
    ("NumericLessThan", Test::Number(Order::Less), false),
    ("NumericLessThanEquals", Test::Number(Order::AtMost), false),
    ("NumericGreaterThan", Test::Number(Order::Greater), false),
    ("NumericGreaterThanEquals", Test::Number(Order::AtLeast), false),
    ("DateEquals", Test::Date(Order::Equal), false),
    ("DateNotEquals", Test::Date(Order::Equal), true),
    ("DateLessThan", Test::Date(Order::Less), false),
    ("DateLessThanEquals", Test::Date(Order::AtMost), false),
    ("DateGreaterThan", Test::Date(Order::Greater), false),
    ("DateGreaterThanEquals", Test::Date(Order::AtLeast), false),
    ("Bool", Test::Bool, false),
    ("BinaryEquals", Test::Binary, false),
    ("IpAddress", Test::Address, false),
    ("NotIpAddress", Test::Address, true),
    ("Null", Test::Null, false),
];

impl Operator {
    /// The operator of that name; `None` if there is none. Names are taken to the letter.
    #[must_use]
    pub fn parse(written: &str) -> Option<Self> {
        let (set, rest) = match written.split_once(':') {
            Some(("ForAllValues", rest)) => (Some(Set::All), rest),
            Some(("ForAnyValue", rest)) => (Some(Set::Any), rest),
            Some(_) => return None,
            None => (None, written),
        };
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let (_, test, negated) = *OPERATORS.iter().find(|(n, _, _)| *n == name)?;
        // `Null` asks whether the key is there at all; nothing can be added to it.
        if test == Test::Null && (if_exists || set.is_some()) {
            return None;
        }
        Some(Self { written: written.to_owned(), set, if_exists, negated, test })
    }

    /// Whether a value can stand beside this operator in a policy.
    pub(super) fn takes(&self, wanted: &str) -> bool {
        match self.test {
            Test::Text { .. } | Test::Like | Test::Arn | Test::Binary => true,
            Test::Number(_) => number(wanted).is_some(),
            Test::Date(_) => instant(wanted).is_some(),
            Test::Bool | Test::Null => truth(wanted).is_some(),
            Test::Address => network(wanted).is_some(),
        }
    }

    /// Whether values of this operator may hold policy variables: strings and ARNs may (`reference_policies_variables`).
    pub(super) fn has_variables(&self) -> bool {
        matches!(self.test, Test::Text { .. } | Test::Like | Test::Arn)
    }

    /// Whether `*` and `?` in its values are wildcards.
    #[must_use]
    pub fn is_wild(&self) -> bool {
        matches!(self.test, Test::Like | Test::Arn)
    }

    /// Whether one value of the request matches one of the policy, which is given as written and in pieces.
    pub(super) fn matches(&self, wanted: &str, pieces: &[Piece], got: &str) -> bool {
        match self.test {
            Test::Text { fold } => fits(pieces, got, fold),
            Test::Like => fits(pieces, got, false),
            Test::Arn => arn_fits(pieces, got),
            Test::Number(order) => order.holds(number(got), number(wanted)),
            Test::Date(order) => order.holds(instant(got), instant(wanted)),
            Test::Bool => truth(got).is_some() && truth(got) == truth(wanted),
            // Both are base64; as IAM prints one form only, the text decides.
            Test::Binary => got == wanted,
            Test::Address => is_within(got, wanted),
            Test::Null => false,
        }
    }
}

impl Order {
    fn holds<T: PartialOrd>(self, got: Option<T>, wanted: Option<T>) -> bool {
        let (Some(got), Some(wanted)) = (got, wanted) else { return false };
        match self {
            Self::Equal => got == wanted,
            Self::Less => got < wanted,
            Self::AtMost => got <= wanted,
            Self::Greater => got > wanted,
            Self::AtLeast => got >= wanted,
        }
    }
}

/// An integer or a decimal.
fn number(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'));
    text.parse().ok().filter(|_| plain)
}

pub(super) fn truth(text: &str) -> Option<bool> {
    [true, false].into_iter().find(|truth| text.eq_ignore_ascii_case(&truth.to_string()))
}

/// An address and the length of its prefix, in CIDR form; a single address is its own network.
fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let length = match length {
        Some(length) => length.parse().ok().filter(|l| *l <= most)?,
        None => most,
    };
    Some((address, length))
}

fn is_within(got: &str, wanted: &str) -> bool {
    let (Ok(got), Some((network, length))) = (got.parse::<IpAddr>(), network(wanted)) else {
        return false;
    };
    let top = |address: IpAddr| match address {
        IpAddr::V4(address) => u128::from(address.to_bits()) << 96,
        IpAddr::V6(address) => address.to_bits(),
    };
    let differ = top(got) ^ top(network);
    got.is_ipv4() == network.is_ipv4() && differ.leading_zeros() >= length
}
