//! Explanations of the tutorial's defects that stand in more than one place of the program.

/// The condition keys of the trust policy.
pub const KEYS: &str = "The tutorial builds the key from OIDC_ENDPOINT with its https://. IAM compares \
    without the scheme and is on record refusing such a key (Condition can contain only one colon); stored, it \
    would never match. Nor does anything fill in ${…} in a saved file.";

/// The principal of the trust policy.
pub const FEDERATED: &str = "The tutorial keeps the provider's ARN in a variable called ROLE_ARN and later asks for \"the \
    Role ARN\". They are two values; the role's ARN exists only once the role does. Nothing fills in ${…} in a saved \
    file.";

/// The sample reply of `create-role`.
pub const SAMPLE_REPLY: &str = "The tutorial's sample reply of create-role shows Service ec2.amazonaws.com and \
    sts:AssumeRole here. It is another role's: with that trust every web identity is refused.";

/// The two ARNs.
pub const ROLE_ARN: &str = "Mind the Role ARN. The tutorial keeps the ARN of the identity provider in a variable called \
    ROLE_ARN; that one ends in oidc-provider/… and is no role.";
