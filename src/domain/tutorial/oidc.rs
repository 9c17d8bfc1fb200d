//! "Using IAM Roles via OpenID Connect (OIDC) Federation": its three steps.

use super::{Defect, Part, Passage, Sent, Trial, trial, words};
use crate::domain::draft::Mode;
use crate::domain::plan::StepId;

/// Where the condition keys are known from.
const ON_KEYS: &str = "GitHub, terraform-aws-modules/terraform-aws-eks#1084; Okteto's page Cloud Credentials (AWS), which was \
                       mended in 2024";

/// In the order of the tutorial.
pub(super) const PASSAGES: &[Passage] = &[
    Passage {
        part: Part::Identity,
        way: Mode::Oidc,
        step: 1,
        title: "issuer and subject",
        printed: "export OIDC_ENDPOINT=https://container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster
export OKTETO_SERVICE_ACCOUNT=system:serviceaccount:okteto:okteto",
        defects: &[
            Defect {
                marks: "OIDC_ENDPOINT",
                stops: false,
                why: "Okteto's own screen calls it Issuer, and there it is found: Admin, Integrations, General.",
                source: "Okteto documentation, Admin Dashboard: General Integrations",
            },
            Defect {
                marks: "https://",
                stops: true,
                why: "One variable serves for two different things. The provider's --url needs the scheme; the condition \
                      keys of the trust policy must not have it. Step 2 puts this value into the keys as it is.",
                source: "IAM user guide, reference_policies_iam-condition-keys; Okteto's page Cloud Credentials (AWS)",
            },
            Defect {
                marks: "OKTETO_SERVICE_ACCOUNT",
                stops: false,
                why: "Okteto's own screen calls it Subject, beside the Issuer.",
                source: "Okteto documentation, Admin Dashboard: General Integrations",
            },
            Defect {
                marks: "system:serviceaccount:okteto:okteto",
                stops: false,
                why: "True where the chart was installed under the name okteto in the namespace okteto. Under another name \
                      the account is called otherwise, and the trust policy then lets nobody in. Take it from the screen.",
                source: "Okteto documentation, Helm configuration: fullnameOverride; Installing on OpenShift",
            },
        ],
        sent: Sent::Identity,
        trials: &[],
    },
    Passage {
        part: Part::Audience,
        way: Mode::Oidc,
        step: 1,
        title: "the audience",
        printed: "export AUDIENCE=okteto.example.com/us-east-2",
        defects: &[Defect {
            marks: "okteto.example.com/us-east-2",
            stops: false,
            why: "It looks like an address, and its end like a region that counts. It is any text of 1 to 255 characters, and \
                  IAM has no regions. What counts is that it is the same, to the letter, in three places: the provider's \
                  list, the trust policy's aud, Okteto's Audience. Nothing in the tutorial holds the three together.",
            source: "IAM API, CreateOpenIDConnectProvider; STS API, AssumeRoleWithWebIdentity",
        }],
        sent: Sent::Audience,
        trials: &[],
    },
    Passage {
        part: Part::Provider,
        way: Mode::Oidc,
        step: 1,
        title: "the identity provider",
        printed: r#"aws iam create-open-id-connect-provider --url "${OIDC_ENDPOINT}" --client-id-list "${AUDIENCE}""#,
        defects: &[Defect {
            marks: "create-open-id-connect-provider",
            stops: false,
            why: "An account has one provider for an issuer. On EKS eksctl has often made it already, and a second region or \
                  Okteto's Cloud Credentials meet the first one's: AWS answers EntityAlreadyExists, and the tutorial ends \
                  there. The audience is then added to the provider that exists \
                  (add-client-id-to-open-id-connect-provider), which this program plans by itself.",
            source: "IAM API, CreateOpenIDConnectProvider, AddClientIDToOpenIDConnectProvider; eksctl, IRSA",
        }],
        sent: Sent::Calls(&[StepId::Provider]),
        trials: &[
            Trial {
                title: "as printed",
                calls: trial::provider,
                refused: None,
                means: "The shell fills the variables in, and the scheme is right here: it is made.",
            },
            Trial {
                title: "where the cluster is registered already",
                calls: trial::provider_again,
                refused: Some("EntityAlreadyExists"),
                means: "EntityAlreadyExists: one provider for an issuer in an account.",
            },
        ],
    },
    Passage {
        part: Part::RoleArn,
        way: Mode::Oidc,
        step: 1,
        title: "the ARN that is kept",
        printed: "export ROLE_ARN=arn:aws:iam::112233445566:oidc-provider/container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster",
        defects: &[Defect {
            marks: "ROLE_ARN",
            stops: true,
            why: words::ROLE_ARN,
            source: "Okteto's page Cloud Credentials (AWS), which says PROVIDER_ARN since 2024",
        }],
        sent: Sent::Arns,
        trials: &[Trial {
            title: "assumed as a role, as Okteto would",
            calls: trial::assume_provider,
            refused: Some("ValidationError"),
            means: "ValidationError: to STS a provider's ARN is no role's ARN at all. It does not even look at the token.",
        }],
    },
    Passage {
        part: Part::Trust,
        way: Mode::Oidc,
        step: 2,
        title: "the file trust-policy.json",
        printed: r#"{
"Version": "2012-10-17",
"Statement": [
{
"Effect": "Allow",
"Principal": {
"Federated": "${ROLE_ARN}"
},
"Action": "sts:AssumeRoleWithWebIdentity",
"Condition": {
"StringEquals": {
"${OIDC_ENDPOINT}:aud": "${AUDIENCE}",
"${OIDC_ENDPOINT}:sub": "${OKTETO_SERVICE_ACCOUNT}"
}
}
}
]
}"#,
        defects: &[
            Defect {
                marks: r#""${ROLE_ARN}""#,
                stops: true,
                why: words::FEDERATED,
                source: "AWS CLI user guide, cli-usage-parameters-file; Okteto's page Cloud Credentials (AWS)",
            },
            Defect {
                marks: r#""${OIDC_ENDPOINT}:aud""#,
                stops: true,
                why: words::KEYS,
                source: ON_KEYS,
            },
            Defect {
                marks: r#""${OIDC_ENDPOINT}:sub""#,
                stops: true,
                why: words::KEYS,
                source: ON_KEYS,
            },
        ],
        sent: Sent::Trust,
        trials: &[
            Trial {
                title: "create-role, the file filled in by hand",
                calls: trial::role_filled,
                refused: Some("MalformedPolicyDocument"),
                means: "MalformedPolicyDocument: the variables are filled in, and the keys begin with https:// for it. So \
                        it ends for whoever is careful.",
            },
            Trial {
                title: "filled in, the keys without https://",
                calls: trial::role_mended,
                refused: None,
                means: "Now IAM takes it.",
            },
        ],
    },
    Passage {
        part: Part::Role,
        way: Mode::Oidc,
        step: 2,
        title: "the role",
        printed: "aws iam create-role --role-name my-private-registry --assume-role-policy-document file://trust-policy.json",
        defects: &[
            Defect {
                marks: "create-role",
                stops: false,
                why: "It is written for an account that has no role of this name. Where one exists AWS answers \
                      EntityAlreadyExists, and nothing is said of looking at whose it is. This program compares it, shows \
                      what differs, and asks.",
                source: "IAM API, CreateRole",
            },
            Defect {
                marks: "file://trust-policy.json",
                stops: true,
                why: "The CLI sends the file as it lies there. The shell fills in variables on its command line only, so \
                      \"${ROLE_ARN}\" arrives at IAM as these eleven characters, and it answers MalformedPolicyDocument. \
                      \"(replace your environment variables)\" is easily read over.",
                source: "AWS CLI user guide, cli-usage-parameters-file",
            },
        ],
        sent: Sent::Calls(&[StepId::Role]),
        trials: &[Trial {
            title: "as printed",
            calls: trial::role_as_printed,
            refused: Some("MalformedPolicyDocument"),
            means: "MalformedPolicyDocument: the principal is the text ${ROLE_ARN}, and no ARN.",
        }],
    },
    Passage {
        part: Part::RoleReply,
        way: Mode::Oidc,
        step: 2,
        title: "the reply of create-role",
        printed: r#"{
"Role": {
"Path": "/",
"RoleName": "my-private-registry",
"RoleId": "AR...",
"Arn": "arn:aws:iam::112233445566:role/my-private-registry",
"CreateDate": "2024-06-10T15:04:05+00:00",
"AssumeRolePolicyDocument": {
"Version": "2012-10-17",
"Statement": [
{
"Effect": "Allow",
"Principal": {
"Service": "ec2.amazonaws.com"
},
"Action": "sts:AssumeRole"
}
]
}
}
}"#,
        defects: &[
            Defect {
                marks: r#""Arn": "arn:aws:iam::112233445566:role/my-private-registry""#,
                stops: false,
                why: "This is the value that Okteto's Role ARN wants. The tutorial does not say to keep it.",
                source: "Okteto documentation, CRDs: Private Registries (roleARN)",
            },
            Defect {
                marks: r#""Service": "ec2.amazonaws.com""#,
                stops: true,
                why: words::SAMPLE_REPLY,
                source: "IAM API, CreateRole: the reply holds the policy that was sent",
            },
            Defect {
                marks: r#""Action": "sts:AssumeRole""#,
                stops: true,
                why: "The action of a service or another account. A web identity asks for sts:AssumeRoleWithWebIdentity, which \
                      this does not allow.",
                source: "STS API, AssumeRoleWithWebIdentity",
            },
        ],
        sent: Sent::Trust,
        trials: &[Trial {
            title: "a role with that trust, assumed as Okteto would",
            calls: trial::role_of_the_sample,
            refused: Some("AccessDenied"),
            means: "AccessDenied: IAM makes such a role without a word, and the cluster's token is refused. Whoever compares \
                    with the sample takes the fault for the rule.",
        }],
    },
    Passage {
        part: Part::RolePolicy,
        way: Mode::Oidc,
        step: 2,
        title: "what the role may do",
        printed: "aws iam attach-role-policy --role-name my-private-registry --policy-arn arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly",
        defects: &[
            Defect {
                marks: "--role-name my-private-registry",
                stops: true,
                why: "As printed the role was refused one command before, so there is none: AWS answers NoSuchEntity. On its \
                      own the command is right; it prints nothing when it worked.",
                source: "IAM API, AttachRolePolicy",
            },
            Defect {
                marks: "arn:aws:",
                stops: false,
                why: "Right in the partition aws only: GovCloud has arn:aws-us-gov:, China arn:aws-cn:.",
                source: "IAM user guide, reference_identifiers",
            },
            Defect {
                marks: "AmazonEC2ContainerRegistryReadOnly",
                stops: false,
                why: "Enough to pull, and wider than that: it lists and describes every repository of the account. Step 3 \
                      offers PullOnly and chosen repositories.",
                source: "AWS managed policy reference; ECR user guide, security-iam-awsmanpol",
            },
        ],
        sent: Sent::Calls(&[StepId::Permissions]),
        trials: &[Trial {
            title: "as printed, after what is printed before it",
            calls: trial::policy_as_printed,
            refused: Some("NoSuchEntity"),
            means: "NoSuchEntity: what the command before it was to make is not there.",
        }],
    },
    Passage {
        part: Part::RoleValues,
        way: Mode::Oidc,
        step: 3,
        title: "the values for Okteto",
        printed: "  • Type: AWS IAM Role
  • Hostname: The ECR registry endpoint is https://{AWS_ACCOUNT_ID}.dkr.ecr.{REGION}.amazonaws.com
  • Role ARN: The Role ARN ROLE_ARN you created in Step 1
  • Audience: The Audience AUDIENCE you specified during the Identity Provider setup",
        defects: &[
            Defect {
                marks: "https://",
                stops: true,
                why: "Okteto looks a registry up by its bare host. The dialog's own example has no scheme, and an object of \
                      Kubernetes cannot be named with one.",
                source: "Okteto documentation, CRDs: Private Registries; the dialog's placeholder",
            },
            Defect {
                marks: "ROLE_ARN",
                stops: true,
                why: "Step 1 filled this variable with the provider's ARN. Given to Okteto, each pull ends in ValidationError: \
                      Request ARN is invalid.",
                source: "STS API, AssumeRoleWithWebIdentity; Okteto's page Cloud Credentials (AWS)",
            },
            Defect {
                marks: "created in Step 1",
                stops: false,
                why: "The role is made in step 2; step 1 makes the provider.",
                source: "Okteto's page Cloud Credentials (AWS), which says step 2",
            },
        ],
        sent: Sent::Values,
        trials: &[
            Trial {
                title: "all else mended, with what ROLE_ARN holds",
                calls: trial::values_as_printed,
                refused: Some("ValidationError"),
                means: "ValidationError: so each pull ends.",
            },
            Trial {
                title: "with the ARN of create-role's reply",
                calls: trial::values_mended,
                refused: None,
                means: "Keys of an hour, for whoever pulls with them. Their secrets are not shown.",
            },
        ],
    },
];
