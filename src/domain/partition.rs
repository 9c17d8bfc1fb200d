//! Account ids, regions and the partitions they belong to.

use std::fmt;

use super::problem::Problem;

/// A partition of AWS: its own IAM, ARN prefix and DNS suffix (botocore `partitions.json`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Partition {
    /// Commercial regions.
    Aws,
    /// China.
    China,
    /// `GovCloud` (US).
    GovCloud,
    /// ISO (US).
    Iso,
    /// ISOB (US).
    IsoB,
    /// ISOE (Europe).
    IsoE,
    /// ISOF.
    IsoF,
    /// European Sovereign Cloud.
    Sovereign,
}

impl Partition {
    /// All partitions.
    pub const ALL: [Self; 8] = [
        Self::Aws,
        Self::China,
        Self::GovCloud,
        Self::Iso,
        Self::IsoB,
        Self::IsoE,
        Self::IsoF,
        Self::Sovereign,
    ];

    /// The word in the second field of an ARN.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::China => "aws-cn",
            Self::GovCloud => "aws-us-gov",
            Self::Iso => "aws-iso",
            Self::IsoB => "aws-iso-b",
            Self::IsoE => "aws-iso-e",
            Self::IsoF => "aws-iso-f",
            Self::Sovereign => "aws-eusc",
        }
    }

    /// The suffix of classic host names.
    #[must_use]
    pub const fn dns_suffix(self) -> &'static str {
        match self {
            Self::Aws | Self::GovCloud => "amazonaws.com",
            Self::China => "amazonaws.com.cn",
            Self::Iso => "c2s.ic.gov",
            Self::IsoB => "sc2s.sgov.gov",
            Self::IsoE => "cloud.adc-e.uk",
            Self::IsoF => "csp.hci.ic.gov",
            Self::Sovereign => "amazonaws.eu",
        }
    }

    /// The partition whose ARN field is `id`.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.id() == id)
    }

    /// The partition a region belongs to, by the prefixes of botocore's `partitions.json`.
    #[must_use]
    pub fn of_region(region: &Region) -> Self {
        const PREFIXES: [(&str, Partition); 7] = [
            ("cn-", Partition::China),
            ("us-gov-", Partition::GovCloud),
            ("us-iso-", Partition::Iso),
            ("us-isob-", Partition::IsoB),
            ("eu-isoe-", Partition::IsoE),
            ("us-isof-", Partition::IsoF),
            ("eusc-", Partition::Sovereign),
        ];
        PREFIXES.iter().find(|(p, _)| region.as_str().starts_with(p)).map_or(Self::Aws, |(_, p)| *p)
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// A 12-digit account id. A string: leading zeros matter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(String);

impl AccountId {
    /// Parses exactly 12 digits.
    ///
    /// # Errors
    /// Says how the text differs from an account id.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            return Ok(Self(text.to_owned()));
        }
        Err(Problem::new(
            format!("{text:?} is not an account id"),
            "an AWS account id has exactly 12 digits",
            "112233445566",
        ))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A region's name, such as `us-east-2`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region(String);

impl Region {
    /// Parses a region by its form (words of letters joined by hyphens, a number at the end); the list of
    /// regions grows, so none is refused for being new.
    ///
    /// # Errors
    /// Says how the text differs from a region's name.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let parts: Vec<&str> = text.split('-').collect();
        let (number, words) = parts.split_last().map_or(("", &[][..]), |(n, w)| (*n, w));
        let good = words.len() >= 2
            && text.len() <= 32
            && !number.is_empty()
            && number.bytes().all(|b| b.is_ascii_digit())
            && words.iter().all(|w| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase()));
        if good {
            return Ok(Self(text.to_owned()));
        }
        Err(Problem::new(
            format!("{text:?} is not the name of a region"),
            "a region is lower-case words and a number joined by hyphens",
            "us-east-2",
        ))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_know_their_partition() {
        for (region, partition) in [
            ("us-east-2", Partition::Aws),
            ("cn-north-1", Partition::China),
            ("us-gov-west-1", Partition::GovCloud),
            ("us-isob-east-1", Partition::IsoB),
            ("eusc-de-east-1", Partition::Sovereign),
            ("mx-central-1", Partition::Aws),
        ] {
            assert_eq!(
                Partition::of_region(&Region::parse(region).unwrap()),
                partition,
                "{region}"
            );
        }
        for wrong in ["", "us", "us-east", "US-EAST-1", "us-east-2a", "us--1", "https://us-east-2"]
        {
            assert!(Region::parse(wrong).is_err(), "{wrong}");
        }
    }
}
