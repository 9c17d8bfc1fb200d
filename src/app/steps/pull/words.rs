//! The words of step 5: what each rung and each part of the set-up is for.

use super::Part;
use crate::domain::draft::{Draft, Field, Mode};
use crate::domain::probe::{Depth, Rung};

/// What a rung does and why it is there.
#[must_use]
pub const fn purpose(rung: Rung) -> &'static str {
    match rung {
        Rung::AccessKey => {
            "Takes the access key from where Okteto has it, and asks AWS whether it knows it. A new key is not known everywhere at once."
        }
        Rung::Discovery => {
            "Reads the issuer's discovery document. AWS reads it too; that this machine cannot is no harm if AWS can."
        }
        Rung::Keys => "Reads the keys by which AWS checks the token's signature.",
        Rung::Token => "Takes the service account's signed token, as Okteto does at every pull.",
        Rung::Claims => {
            "Holds the token's iss, aud and sub against what was meant, and against provider and trust as AWS has them. What cannot work is not asked of AWS."
        }
        Rung::Assume => {
            "Shows the token to AWS, which swaps it for keys of the role. No credentials of your own take part."
        }
        Rung::Identity => {
            "Asks AWS whose keys these are: they must be those of the role or user that is meant."
        }
        Rung::Login => "Asks ECR for a registry login with these keys alone.",
        Rung::Manifest => "Reads the image's manifest: its layers, their sizes and digests.",
        Rung::Layers => "Fetches the image's config and layers. Nothing is kept.",
        Rung::Digest => "Holds size and sha256 of all that was fetched against the manifest.",
        Rung::RefusesOtherAudience => {
            "Shows AWS a token of the same service account for another audience, which must be refused."
        }
        Rung::RefusesOtherSubject => {
            "Shows AWS a token of another service account, which must be refused."
        }
        Rung::RefusesPush => {
            "Starts an upload with that registry login, which must be denied. One that is let in is cancelled at once."
        }
    }
}

/// What a rung must see refused.
#[must_use]
pub const fn refused(rung: Rung) -> &'static str {
    match rung {
        Rung::RefusesOtherAudience => "a wrong audience",
        Rung::RefusesOtherSubject => "another account",
        Rung::RefusesPush => "a push",
        _ => rung.words(),
    }
}

/// How deep, on screen.
#[must_use]
pub const fn depth_words(depth: Depth) -> (&'static str, &'static str) {
    match depth {
        Depth::Manifest => ("manifest", "The manifest alone: quick, but fetches no layer."),
        Depth::SmallestLayer => {
            ("smallest layer", "Config and the smallest layer: proves every permission.")
        }
        Depth::Full => ("all of it", "Every byte, checked. Nothing is kept."),
    }
}

/// What a part of the set-up is called.
#[must_use]
pub const fn part_name(part: Part) -> &'static str {
    match part {
        Part::Key => "Access key",
        Part::Token => "Token",
        Part::TokenFile => "Token file",
        Part::Image => "Image",
        Part::Platform => "Platform",
        Part::Depth => "How much",
        Part::Action => "The pull test",
    }
}

/// What a part of the set-up is, why it is asked, an example.
#[must_use]
pub fn part(part: Part, draft: &Draft) -> Vec<String> {
    let mode = draft.mode;
    let text: &[&str] = match part {
        Part::Key => &[
            "The pull test is made with the access key that Okteto will have, and with nothing of yours.",
            "",
            "from the Secret, the file   it is read from where its secret went: a mistake there is seen",
            "pasted                      two lines, AWS_ACCESS_KEY_ID=… and AWS_SECRET_ACCESS_KEY=…, or the reply of aws iam create-access-key; never shown, never saved",
        ],
        Part::Token => &[
            "The pull test needs what Okteto shows to AWS: a signed token of Okteto's service account.",
            "",
            "from the cluster   kubectl create token makes one that lives 10 minutes",
            "from a file        made by you or by somebody with access to the cluster",
            "pasted             goes straight to the test: never shown, never saved",
            "",
            "Made by hand: kubectl create token okteto --namespace okteto --audience AUDIENCE",
        ],
        Part::TokenFile => &[
            "A file with nothing in it but the token. It is read when the test begins.",
            "",
            "Example   token.jwt",
        ],
        Part::Image => &[
            "An image in the registry that Okteto will pull. The registry's host may stand before it.",
            "",
            "Example   team/app:latest",
            "          team/app@sha256:… (by digest)",
            "",
            "Empty, Enter lists what is there, with your own rights; so does / outside the text fields. The test itself uses those of the role or user alone.",
        ],
        Part::Platform => &[
            "Which image is taken where there is one for each platform: that of the cluster's nodes.",
            "",
            "Example   linux/amd64",
            "          linux/arm64",
        ],
        Part::Depth => &[
            "manifest         reads what the image consists of; fetches no layer",
            "smallest layer   config and one layer: proves every permission, with few bytes",
            "all of it        every byte, size and sha256 checked",
            "",
            "Nothing is kept on this machine.",
        ],
        Part::Action => match mode {
            Mode::Oidc => &[
                "The test does what Okteto does at a pull, with the role that was made: it shows a token to AWS, gets keys of the role, logs in to ECR and fetches the image.",
                "",
                "Then it tries three things that must be refused: a token for another audience, a token of another service account, and a push (an upload that is begun and, where it is let in, cancelled at once).",
                "",
                "It changes nothing and keeps nothing. Your own AWS login takes no part in it but for one look at role and provider.",
                "",
                "A role made a moment ago is refused at first: that is tried again for up to two minutes.",
            ],
            Mode::IamUser => &[
                "The test does what Okteto does at a pull, with the access key alone: it asks AWS whose key this is, logs in to ECR and fetches the image.",
                "",
                "Then it tries what must be refused: a push (an upload that is begun and, where it is let in, cancelled at once).",
                "",
                "It changes nothing and keeps nothing. Your own AWS login takes no part in it but for one look at what there is, if the key is refused.",
                "",
                "A key made a moment ago is refused at first: that is tried again for up to two minutes.",
            ],
        },
    };
    // What is to be typed by hand can be copied, once the answers are there.
    let audience = match draft.text(Field::Audience) {
        "" => "AUDIENCE",
        audience => audience,
    };
    let filled = |line: &&str| line.replace("AUDIENCE", audience);
    text.iter().map(filled).collect()
}
