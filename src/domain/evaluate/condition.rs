//! Whether a condition holds.

use super::operator::{Set, Test, truth};
use super::pattern::pieces;
use super::{Condition, Context, Finding};

impl Condition {
    /// What becomes of it in a context. `variables` fills the variables of its values; `None` where the policy's version
    /// knows none.
    #[must_use]
    pub fn judge(&self, context: &Context, variables: Option<&Context>) -> Finding {
        let got = context.get(&self.key);
        Finding {
            operator: self.operator.written.clone(),
            key: self.key.clone(),
            wanted: self.wanted.clone(),
            got: got.map(<[String]>::to_vec),
            met: self.is_met(got, variables),
        }
    }

    /// Whether it holds, without saying why.
    pub(super) fn holds(&self, context: &Context, variables: Option<&Context>) -> bool {
        self.is_met(context.get(&self.key), variables)
    }

    fn is_met(&self, got: Option<&[String]>, variables: Option<&Context>) -> bool {
        let operator = &self.operator;
        // `true`: the key must be absent; `false`: it must be there (condition operators reference, "Null").
        if operator.test == Test::Null {
            return self.wanted.iter().any(|w| truth(w) == Some(got.is_none()));
        }
        // An absent key is no obstacle; one that is there is asked as ever (the same, "…IfExists").
        if got.is_none() && operator.if_exists {
            return true;
        }
        let variables = variables.filter(|_| operator.has_variables());
        let filled: Vec<_> = self
            .wanted
            .iter()
            .filter_map(|wanted| Some((wanted, pieces(wanted, operator.is_wild(), variables)?)))
            .collect();
        // A variable that cannot be filled spoils the statement (`reference_policies_variables`); beside other values
        // of a positive operator it is one value less.
        let spoilt =
            if operator.negated { filled.len() < self.wanted.len() } else { filled.is_empty() };
        if spoilt {
            return false;
        }
        // Absent, a key matches nothing: that is what a negated operator asks for (the same, "Negated matching"). All of no
        // values hold, and none of them does (`reference_policies_multi-value-conditions`).
        let Some(got) = got else {
            return match operator.set {
                Some(Set::All) => true,
                Some(Set::Any) => false,
                None => operator.negated,
            };
        };
        let holds = |value: &String| {
            let is_match = filled.iter().any(|(w, pieces)| operator.matches(w, pieces, value));
            is_match != operator.negated
        };
        // Without a set operator a claim of several values, such as the `aud` of Kubernetes, which is an array even for
        // one audience, matches if any of its values does: each service account token of EKS is taken that way under
        // `StringEquals`. A negated operator is the exact opposite. For set operators an empty text is no value
        // (`reference_policies_multi-value-conditions`).
        let mut values = got.iter().filter(|v| operator.set.is_none() || !v.is_empty());
        let every = operator.set.map_or(operator.negated, |set| set == Set::All);
        if every { values.all(holds) } else { values.any(holds) }
    }
}
