//! What the practice account holds at its start, and how difficult it is.

use jiff::Timestamp;

use super::account::difficulty::Difficulty;
use crate::domain::exercise::world::World;

/// When what the tutorial's world holds was made: the account has no clock of its own.
pub const FOUNDED: Timestamp = Timestamp::constant(1_741_000_000, 0);

/// What an image of an exercise is made of, in bytes.
const LAYERS: [usize; 2] = [600_000, 60_000];

/// A world to practise in.
#[derive(Debug, Clone)]
pub struct Scene {
    /// Twelve digits.
    pub account: String,
    /// Where the registry is and calls are signed for, such as `us-east-2`.
    pub region: String,
    /// The clusters' issuers, `https://…`; the first is the one that Okteto runs in.
    pub issuers: Vec<String>,
    /// The service account of Okteto.
    pub subject: String,
    /// IAM users that have an access key from the start; the first is the operator.
    pub users: Vec<Actor>,
    /// How many roles the account may have: 1,000, or what AWS was asked to raise it to (IAM user guide, "IAM and STS
    /// quotas").
    pub role_quota: usize,
    /// The registry.
    pub repositories: Vec<Shelf>,
    /// Whose registry it is; the account's own where it is `None`.
    pub registry_account: Option<String>,
    /// What an exercise puts there: its providers, roles and users.
    pub world: World,
    /// When that was put there: its days are counted back from here.
    pub opened: Timestamp,
    /// What makes it difficult.
    pub difficulty: Difficulty,
}

/// An IAM user of the scene and what it may do.
#[derive(Debug, Clone)]
pub struct Actor {
    /// User name.
    pub name: String,
    /// Inline policies: name and document.
    pub inline: Vec<(String, String)>,
    /// ARNs of managed policies.
    pub attached: Vec<String>,
    /// ARN of the permissions boundary.
    pub boundary: Option<String>,
}

/// A repository of the scene.
#[derive(Debug, Clone)]
pub struct Shelf {
    /// Its name, such as `team/app`.
    pub name: String,
    /// Images by tag.
    pub images: Vec<Picture>,
    /// The repository policy, if there is one.
    pub policy: Option<String>,
}

/// An image of the scene. Its bytes are made from its name when first asked for, and are the same each time.
#[derive(Debug, Clone)]
pub struct Picture {
    /// Its tag.
    pub tag: String,
    /// One platform is a single manifest, several are an index. Such as `linux/amd64`; after others,
    /// `unknown/unknown` is an attestation of the first.
    pub platforms: Vec<String>,
    /// Size of each layer in bytes.
    pub layers: Vec<usize>,
}

impl Default for Scene {
    /// The world of the tutorial "Amazon ECR": its account, region, issuer and service account, so that each of its
    /// commands and sample replies can be held against what happens.
    fn default() -> Self {
        let image = |tag: &str, platforms: &[&str], layers: &[usize]| Picture {
            tag: tag.to_owned(),
            platforms: platforms.iter().map(|&p| p.to_owned()).collect(),
            layers: layers.to_vec(),
        };
        let shelf = |name: &str, images: Vec<Picture>| Shelf {
            name: name.to_owned(),
            images,
            policy: None,
        };
        let both = ["linux/amd64", "linux/arm64"];
        // With what buildx says about a build, which no client can pull as an image.
        let attested = ["linux/amd64", "linux/arm64", "unknown/unknown"];
        Self {
            account: "112233445566".to_owned(),
            region: "us-east-2".to_owned(),
            issuers: vec![
                "https://container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster"
                    .to_owned(),
            ],
            subject: "system:serviceaccount:okteto:okteto".to_owned(),
            users: vec![Actor {
                name: "trainee".to_owned(),
                inline: Vec::new(),
                attached: vec!["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()],
                boundary: None,
            }],
            role_quota: 1000,
            repositories: vec![
                shelf(
                    "team/app",
                    vec![
                        image("latest", &attested, &[1_800_000, 700_000, 240_000, 60_000]),
                        image("1.4.2", &["linux/amd64"], &[1_800_000, 650_000, 60_000]),
                    ],
                ),
                shelf("team/base/debian", vec![image("12", &both, &[1_800_000])]),
                shelf("tools/kubectl", vec![image("1.31", &["linux/amd64"], &[900_000, 30_000])]),
            ],
            registry_account: None,
            world: World::default(),
            opened: FOUNDED,
            difficulty: Difficulty::default(),
        }
    }
}

impl Scene {
    /// The tutorial's world with the changes of an exercise, whose days are counted back from `opened`.
    #[must_use]
    pub fn of(world: &World, opened: Timestamp) -> Self {
        let mut scene = Self {
            registry_account: world.registry_account.clone(),
            world: world.clone(),
            opened,
            ..Self::default()
        };
        scene.issuers.extend(world.other_issuers.iter().cloned());
        if !world.repositories.is_empty() {
            let picture = |tag: &String| Picture {
                tag: tag.clone(),
                platforms: ["linux/amd64", "linux/arm64"].map(str::to_owned).into(),
                layers: LAYERS.into(),
            };
            let shelves = world.repositories.iter().map(|repository| Shelf {
                name: repository.name.clone(),
                images: repository.tags.iter().map(picture).collect(),
                policy: repository.policy.clone(),
            });
            scene.repositories = shelves.collect();
        }
        scene
    }

    /// The cluster that Okteto runs in.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.issuers.first().map(String::as_str).unwrap_or_default()
    }
}
