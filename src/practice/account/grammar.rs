//! What IAM takes as a policy document.
