//! Trust policies: the evaluator against a second writing of the same rules, and what must hold of both.

#[cfg(test)]
mod agree;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod remedy;
#[cfg(test)]
mod slow;
