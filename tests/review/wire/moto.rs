//! moto: it was made by others, and pages as AWS does.

use super::Visitor;
use super::furniture::{assert_read, furnish, trust};
use crate::support::Moto;

fn visitor(moto: &Moto) -> Visitor {
    Visitor::at(&moto.url, "test", "test")
}

#[test]
fn an_account_is_read_as_it_was_made() {
    let moto = Moto::start();
    let visitor = visitor(&moto);
    visitor.wait(furnish(&visitor.iam, Moto::ACCOUNT));
    assert_read(&visitor, Moto::ACCOUNT);
}

#[test]
fn more_than_a_page_of_roles_is_read_to_its_end() {
    let moto = Moto::start();
    let visitor = visitor(&moto);
    visitor.wait(async {
        for number in 0..1010 {
            let make = visitor.iam.create_role().role_name(format!("role-{number:04}"));
            make.assume_role_policy_document(trust(Moto::ACCOUNT)).send().await.expect("a role");
        }
    });
    let (whole, _) = visitor.details().expect("the account");
    let (listed, pages) = visitor.listed_roles().expect("the roles");
    assert_eq!((whole.roles.len(), listed.roles.len(), pages), (1010, 1010, 2));
    assert!(whole.roles.iter().all(|role| role.trust == trust(Moto::ACCOUNT)));
}
