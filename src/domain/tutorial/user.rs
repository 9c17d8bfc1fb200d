//! "Using IAM User credentials": its three steps.

use super::{Defect, Part, Passage, Sent, Trial, trial};
use crate::domain::draft::Mode;
use crate::domain::plan::StepId;

/// In the order of the tutorial.
pub(super) const PASSAGES: &[Passage] = &[
    Passage {
        part: Part::User,
        way: Mode::IamUser,
        step: 1,
        title: "the user",
        printed: "aws iam create-user --user-name private-registry-user",
        defects: &[Defect {
            marks: "create-user",
            stops: false,
            why: "It is written for an account that has no such user. Where one exists AWS answers EntityAlreadyExists, and \
                  the tutorial does not say what then; the user may be somebody else's. This program looks first, shows \
                  whose it is, and asks for its name before it touches it.",
            source: "IAM API, CreateUser",
        }],
        sent: Sent::Calls(&[StepId::User]),
        trials: &[
            Trial {
                title: "as printed",
                calls: trial::user,
                refused: None,
                means: "It is made. The tutorial does not show this reply.",
            },
            Trial {
                title: "run a second time",
                calls: trial::user_again,
                refused: Some("EntityAlreadyExists"),
                means: "EntityAlreadyExists: whoever starts the tutorial again stops here.",
            },
        ],
    },
    Passage {
        part: Part::UserPolicy,
        way: Mode::IamUser,
        step: 1,
        title: "what the user may do",
        printed: r"aws iam attach-user-policy \
--policy-arn arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly \
--user-name private-registry-user",
        defects: &[
            Defect {
                marks: "attach-user-policy",
                stops: false,
                why: "The command prints nothing when it worked, and the tutorial does not say so. Attached straight to a \
                      user, rights are easily lost sight of; CIS AWS 2.13 would have them in a group.",
                source: "AWS CLI, attach-user-policy; CIS AWS Foundations 7.0, 2.13",
            },
            Defect {
                marks: "arn:aws:",
                stops: false,
                why: "Right in the partition aws only. In GovCloud every ARN begins with arn:aws-us-gov:, in China with \
                      arn:aws-cn:. This program takes the partition from the login.",
                source: "IAM user guide, reference_identifiers",
            },
            Defect {
                marks: "AmazonEC2ContainerRegistryReadOnly",
                stops: false,
                why: "The name is right, old as it looks, and it is enough to pull. It also lets list and describe every \
                      repository of the account. AmazonEC2ContainerRegistryPullOnly, and a policy for chosen repositories, \
                      are tighter; step 3 offers both.",
                source: "AWS managed policy reference; ECR user guide, security-iam-awsmanpol",
            },
        ],
        sent: Sent::Calls(&[StepId::Permissions]),
        trials: &[Trial {
            title: "as printed",
            calls: trial::user_policy,
            refused: None,
            means: "Done, and silent about it.",
        }],
    },
    Passage {
        part: Part::AccessKey,
        way: Mode::IamUser,
        step: 2,
        title: "the access key",
        printed: r#"aws iam create-access-key --user-name private-registry-user
{
"AccessKey": {
"UserName": "private-registry-user",
"AccessKeyId": "<<your-access-key>>",
"Status": "Active",
"SecretAccessKey": "<<your-password>>",
"CreateDate": "2023-10-10T09:08:27+00:00"
}
}"#,
        defects: &[
            Defect {
                marks: "create-access-key",
                stops: false,
                why: "The key never expires, and the tutorial says nothing of rotating it. Each further run makes another \
                      one, and a third is refused by LimitExceeded: a user has two keys at most.",
                source: "IAM user guide, id_credentials_access-keys; IAM and STS quotas",
            },
            Defect {
                marks: r#""SecretAccessKey": "<<your-password>>""#,
                stops: false,
                why: "The reply puts the secret on the terminal, and into its scrollback, once: AWS never tells it again. \
                      \"Remember the value\" is all that is said of it. Here it goes straight to where it was chosen to go, \
                      and a key that cannot be delivered is deleted at once.",
                source: "IAM API, CreateAccessKey",
            },
        ],
        sent: Sent::Calls(&[StepId::AccessKey]),
        trials: &[
            Trial {
                title: "as printed",
                calls: trial::key,
                refused: None,
                means: "A key without an end. Its secret is not shown here; the terminal would have shown it.",
            },
            Trial {
                title: "run a third time",
                calls: trial::third_key,
                refused: Some("LimitExceeded"),
                means: "LimitExceeded: two keys lie about by now, and which of them is in use nothing tells.",
            },
        ],
    },
    Passage {
        part: Part::UserValues,
        way: Mode::IamUser,
        step: 3,
        title: "the values for Okteto",
        printed: "  • Type: AWS IAM User
  • Hostname: the default registry endpoint is https://{AWS_ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com
  • Username: AccessKeyId from the previous step
  • Password: SecretAccessKey from the previous step",
        defects: &[
            Defect {
                marks: "https://",
                stops: true,
                why: "Okteto looks a registry up by its bare host, and a Registry object of Kubernetes is named by it. The \
                      dialog's own example has no scheme, nor have Okteto's other tutorials. Whether the dialog takes it \
                      off is not written anywhere.",
                source: "Okteto documentation, CRDs: Private Registries; the dialog's placeholder",
            },
            Defect {
                marks: "Username",
                stops: false,
                why: "The dialog for this type asks for Access Key. Username is a field of the type Static: whoever sees it \
                      has chosen the wrong type.",
                source: "Okteto's dialog since 1.22, as its documentation shows it",
            },
            Defect {
                marks: "Password",
                stops: false,
                why: "The dialog for this type asks for Secret Access Key. Password is a field of the type Static.",
                source: "Okteto's dialog since 1.22, as its documentation shows it",
            },
        ],
        sent: Sent::Values,
        trials: &[],
    },
];
