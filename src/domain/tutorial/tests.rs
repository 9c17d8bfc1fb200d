//! The table is the tutorial's: its quotes to the letter, its marks in them, and a source for everything.

use super::*;

/// What is quoted of the page: its commands, documents and values.
const PAGE: &str = include_str!("../../../tests/tutorial/amazon-ecr.txt");

#[test]
fn every_quote_is_the_pages_and_in_its_order() {
    let mut from = 0;
    for passage in passages() {
        let at = PAGE.get(from..).and_then(|rest| rest.find(passage.printed));
        from += at.unwrap_or_else(|| panic!("not after the one before: {}", passage.title));
    }
}

#[test]
fn every_mark_stands_in_its_text_and_every_defect_has_its_source() {
    for passage in passages() {
        assert!(!passage.defects.is_empty(), "{}", passage.title);
        let begins: Vec<usize> = passage.begins().collect();
        assert_eq!(begins.len(), passage.defects.len(), "{}: {begins:?}", passage.title);
        for (begin, defect) in begins.into_iter().zip(passage.defects) {
            let (_, rest) = passage.printed.split_at(begin);
            assert!(rest.starts_with(defect.marks), "{}", defect.marks);
            assert!(!defect.marks.contains('\n'), "{}", defect.marks);
            assert!(defect.why.ends_with('.') && defect.why.len() > 40, "{}", defect.why);
            assert!(!defect.source.is_empty(), "{}", defect.marks);
        }
    }
}

#[test]
fn a_code_that_is_waited_for_is_named_in_words() {
    for trial in passages().flat_map(|passage| passage.trials) {
        let named = trial.refused.is_none_or(|code| trial.means.starts_with(code));
        assert!(named, "{}: {}", trial.title, trial.means);
    }
}

#[test]
fn each_part_has_one_passage_and_each_way_three_steps() {
    let mut parts: Vec<Part> = passages().map(|passage| passage.part).collect();
    parts.sort();
    parts.dedup();
    assert_eq!(parts.len(), count());
    for way in [Mode::IamUser, Mode::Oidc] {
        let steps: Vec<u8> = passages().filter(|p| p.way == way).map(|p| p.step).collect();
        assert!(steps.is_sorted() && [1, 2, 3].iter().all(|step| steps.contains(step)));
    }
}

#[test]
fn a_trial_sends_what_is_printed() {
    let calls = |part: Part| -> Vec<Vec<PrintedCall>> {
        let passage = passages().find(|passage| passage.part == part).unwrap();
        passage.trials.iter().map(|trial| (trial.calls)()).collect()
    };
    let [printed] = &calls(Part::Role)[..] else { panic!("one trial") };
    // The shell fills in what stands on its command line, and not what lies in a file.
    let issuer = "https://container.googleapis.com/v1/projects/myProject/locations/us-central1/clusters/myCluster";
    assert_eq!(printed[0].input["Url"], issuer);
    assert_eq!(printed[1].input["AssumeRolePolicyDocument"], super::printed(Part::Trust));
    let [filled, mended] = &calls(Part::Trust)[..] else { panic!("two trials") };
    let document = |calls: &[PrintedCall]| -> Value {
        serde_json::from_str(calls[1].input["AssumeRolePolicyDocument"].as_str().unwrap()).unwrap()
    };
    let key = |calls: &[PrintedCall]| {
        let pins = document(calls)["Statement"][0]["Condition"]["StringEquals"].clone();
        pins.as_object().unwrap().keys().next().unwrap().clone()
    };
    assert_eq!(key(filled), format!("{issuer}:aud"));
    assert_eq!(key(mended), format!("{}:aud", issuer.trim_start_matches("https://")));
    let [of_sample] = &calls(Part::RoleReply)[..] else { panic!("one trial") };
    assert_eq!(document(of_sample)["Statement"][0]["Principal"]["Service"], "ec2.amazonaws.com");
}
