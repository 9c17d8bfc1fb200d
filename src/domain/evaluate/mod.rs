//! What a policy says to a request: IAM's evaluation, statement by statement and condition by condition.
