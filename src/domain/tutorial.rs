//! Okteto's tutorial "Amazon ECR" as it is printed, passage by passage, with what is wrong in it.

use serde_json::{Map, Value};

/// A call as the tutorial's command would send it.
#[derive(Debug, Clone, PartialEq)]
pub struct PrintedCall {
    /// Such as `iam:CreateRole`.
    pub call: String,
    /// Its parameters by the names of the API.
    pub input: Map<String, Value>,
}

/// What the practice account answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// The output's shape.
    Done(Value),
    /// AWS's code, message and HTTP status.
    Refused {
        /// Such as `MalformedPolicyDocument`.
        code: String,
        /// AWS's sentence.
        message: String,
        /// HTTP status.
        status: u16,
    },
}
