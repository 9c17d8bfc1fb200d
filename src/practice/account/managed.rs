//! AWS's own policies that this job meets.

use jiff::Timestamp;

use super::spread::Spread;
use super::state::Managed;

/// Name, id, when the policy and its version in force were made, that version, document.
type Row = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

macro_rules! document {
    ($name:literal) => {
        include_str!(concat!("../../../assets/policies/", $name, ".json"))
    };
}

/// AWS's managed policy reference as data (MAMIP, iam-dataset; the dates are AWS's). Ids are AWS's but for `PullOnly`,
/// whose id is made up. Only the version in force is kept of each.
const ROWS: &[Row] = &[
    (
        "AdministratorAccess",
        "ANPAIWMBCKSKIEE64ZLYK",
        "2015-02-06T18:39:46Z",
        "2015-02-06T18:39:46Z",
        "v1",
        document!("AdministratorAccess"),
    ),
    (
        "AmazonEC2ContainerRegistryFullAccess",
        "ANPAIESRL7KD7IIVF6V4W",
        "2015-12-21T17:06:48Z",
        "2020-12-05T00:04:19Z",
        "v3",
        document!("AmazonEC2ContainerRegistryFullAccess"),
    ),
    (
        "AmazonEC2ContainerRegistryPowerUser",
        "ANPAJDNE5PIHROIBGGDDW",
        "2015-12-21T17:05:33Z",
        "2019-12-10T20:48:08Z",
        "v3",
        document!("AmazonEC2ContainerRegistryPowerUser"),
    ),
    (
        "AmazonEC2ContainerRegistryPullOnly",
        "ANPAZKAPJZG4PRACTICE2",
        "2024-10-04T16:58:49Z",
        "2024-10-04T16:58:49Z",
        "v1",
        document!("AmazonEC2ContainerRegistryPullOnly"),
    ),
    (
        "AmazonEC2ContainerRegistryReadOnly",
        "ANPAIFYZPA37OOHVIH7KQ",
        "2015-12-21T17:04:15Z",
        "2019-12-10T20:56:32Z",
        "v3",
        document!("AmazonEC2ContainerRegistryReadOnly"),
    ),
    (
        "IAMFullAccess",
        "ANPAI7XKCFMBPM3QQRRVQ",
        "2015-02-06T18:40:38Z",
        "2019-06-21T19:40:00Z",
        "v2",
        document!("IAMFullAccess"),
    ),
    (
        "IAMReadOnlyAccess",
        "ANPAJKSO7NDY4T57MWDSQ",
        "2015-02-06T18:40:39Z",
        "2018-01-25T19:11:27Z",
        "v4",
        document!("IAMReadOnlyAccess"),
    ),
];

/// All of them, as they stand in an account of the partition, with their ARNs.
pub(super) fn policies(partition: &str) -> impl Iterator<Item = (String, Managed)> {
    let arn = format!("arn:{partition}:iam::aws:policy/");
    ROWS.iter().map(move |&(name, id, created, updated, version, document)| {
        let at = |text: &str| text.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let policy = Managed {
            name: name.to_owned(),
            path: "/".to_owned(),
            id: id.to_owned(),
            description: None,
            created: at(created),
            tags: Vec::new(),
            versions: vec![(version.to_owned(), document.to_owned(), at(updated))],
            newest: 1,
            default: version.to_owned(),
            in_force: Spread::settled(document.to_owned()),
        };
        (format!("{arn}{name}"), policy)
    })
}
