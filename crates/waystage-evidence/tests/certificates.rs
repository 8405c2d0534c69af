//! Certificates: any member that differs is named, and no signature survives it.
#![allow(clippy::unwrap_used)] // a test may

mod support;

use support::{ORIGIN, certificate, checkpoint_of, frames, log_key, nodes, rotation, witness_key};
use waystage_evidence::{
    Certificate, CertificateError, CertifiedBasis, ChainError, KeyChain, NoteError, SignedNote,
    sha256,
};

fn good() -> Certificate {
    certificate(sha256(b"root"), 7)
}

fn chain() -> KeyChain {
    KeyChain::trusting(log_key(1).public().clone())
}

type Change = fn(&mut Certificate);

/// One change of each member, and what differs then.
const CHANGES: &[(&str, Change)] = &[
    ("origin", |each| each.origin = "example.org/other".into()),
    ("size", |each| each.size += 1),
    ("root", |each| each.root = sha256(b"other")),
    ("as_of", |each| each.as_of = "2026-04-01".into()),
    ("known_at", |each| each.known_at = "2026-04-30T23:59:59.999998Z".into()),
    ("basis", |each| each.basis = CertifiedBasis::Reported),
    ("pack pack-wwp", |each| {
        each.packs.insert("pack-wwp".to_owned(), sha256(b"other"));
    }),
    ("pack geography-gm", |each| {
        each.packs.remove("geography-gm");
    }),
    ("pack pack-new", |each| {
        each.packs.insert("pack-new".to_owned(), sha256(b"new"));
    }),
    ("model", |each| each.model = "claims".into()),
    ("version", |each| each.version = 4),
    ("fingerprint", |each| each.fingerprint = sha256(b"other")),
    ("scenario", |each| each.scenario = None),
    ("scenario", |each| each.scenario = Some(sha256(b"other"))),
    ("participants", |each| each.participants = 0),
    ("parked", |each| each.parked = 0),
    ("erased", |each| each.erased = 9_999_999_999_999_999_999),
    ("rows", |each| each.rows = 13),
    ("result", |each| each.result = sha256(b"other")),
];

#[test]
fn numbers_have_nineteen_digits_at_most_and_days_a_year() {
    let wrong: [Change; 3] = [
        |each| each.size = u64::MAX,
        |each| each.as_of = "0000-01-01".into(),
        |each| each.known_at = "0000-04-30T23:59:59.999998Z".into(),
    ];
    for change in wrong {
        let mut changed = good();
        change(&mut changed);
        let refused = Certificate::parse_text(&changed.text());
        assert!(matches!(refused, Err(CertificateError::Shape(_))), "{refused:?}");
    }
}

#[test]
fn a_member_that_differs_is_named_and_no_signature_survives_it() {
    let key = log_key(1);
    let note = good().sign(&[&key]).unwrap().to_string();
    let lines = note.split("\n\n").nth(1).unwrap().to_owned();
    for (name, change) in CHANGES {
        let mut changed = good();
        change(&mut changed);
        assert_eq!(good().differences(&changed), [*name]);
        assert_eq!(changed.differences(&good()), [*name]);
        let forged: SignedNote = format!("{}\n{lines}", changed.text()).parse().unwrap();
        let bad = NoteError::BadSignature { name: ORIGIN.to_owned() };
        assert_eq!(forged.verify(key.public()), Err(bad));
        assert!(Certificate::verified(&forged, &chain()).is_err(), "{name}");
        // the text is whole, so that it is the signature that refuses
        assert_eq!(Certificate::of_note(&forged), Ok(changed));
    }
    assert!(good().differences(&good()).is_empty());
    let named: Vec<&str> = good()
        .text()
        .lines()
        .skip(1)
        .filter_map(|line| line.split(' ').next())
        .filter(|name| !["pack", "packs"].contains(name))
        .map(|name| CHANGES.iter().find(|(each, _)| *each == name).unwrap().0)
        .collect();
    assert_eq!(named.len(), 15, "a member that no case changes");
}

#[test]
fn several_differences_are_named_in_order() {
    let other = Certificate { size: 8, rows: 0, ..good() };
    assert_eq!(good().differences(&other), ["size", "rows"]);
    let none = Certificate { packs: [].into(), ..good() };
    let packs = ["calendar-england-and-wales", "geography-gm", "pack-wwp", "rates-uk"];
    assert_eq!(good().differences(&none), packs.map(|name| format!("pack {name}")));
}

#[test]
fn the_text_is_the_published_one() {
    let (hash, packs) = (sha256(b"scenario"), good().packs_digest());
    let pack = |name: &str| format!("pack {name} {}\n", sha256(name.as_bytes()));
    let lines = ["calendar-england-and-wales", "geography-gm", "pack-wwp", "rates-uk"].map(pack);
    assert_eq!(packs, sha256(lines.concat().as_bytes()));
    let expected = format!(
        "waystage/certificate/v1\norigin {ORIGIN}\nsize 7\n\
         root SBNJTRN+FjG7owHVrKtue7eqdM4RhdRWVl71HXN2d7I=\nas_of 2026-03-31\n\
         known_at 2026-04-30T23:59:59.999999Z\nbasis recorded\npacks {packs}\n{}model funnel\n\
         version 3\nfingerprint {}\nscenario {hash}\nparticipants 100\nparked 2\nerased 1\n\
         rows 12\nresult {}\n",
        lines.concat(),
        sha256(b"fingerprint"),
        sha256(b"result"),
    );
    assert_eq!(good().text(), expected);
    let without = Certificate { scenario: None, ..good() };
    assert!(without.text().contains("\nscenario none\n"));
    assert_eq!(Certificate::parse_text(&without.text()), Ok(without));
}

#[test]
fn a_text_that_does_not_fit_is_refused_by_its_line() {
    let text = good().text();
    let pack = format!("pack pack-wwp {}\n", sha256(b"pack-wwp"));
    for (bad, error) in [
        (String::new(), CertificateError::Shape("waystage/certificate/v1")),
        (text.replace("/v1", "/v2"), CertificateError::Shape("waystage/certificate/v1")),
        (text.replace(ORIGIN, "a b"), CertificateError::Shape("origin")),
        (text.replace("size 7", "size 07"), CertificateError::Shape("size")),
        (text.replace("2026-03-31", "2026-02-30"), CertificateError::Shape("as_of")),
        (text.replace("T23", "T24"), CertificateError::Shape("known_at")),
        (text.replace("59.9", "60.9"), CertificateError::Shape("known_at")),
        (text.replace("99Z", "9Z"), CertificateError::Shape("known_at")),
        (text.replace("99Z", "99+00:00"), CertificateError::Shape("known_at")),
        (text.replace("basis recorded", "basis Recorded"), CertificateError::Shape("basis")),
        (text.replace("pack pack-wwp", "pack packs-wwp"), CertificateError::Shape("pack")),
        (text.replace("pack pack-wwp", "pack pack-"), CertificateError::Shape("pack")),
        (text.replace(&pack, &pack.repeat(2)), CertificateError::Shape("pack")),
        (text.replace("pack rates-uk", "pack pack-aaa"), CertificateError::Shape("pack")),
        (text.replace(&pack, ""), CertificateError::Packs),
        (text.replace("pack pack-wwp", "pack pack-wwq"), CertificateError::Packs),
        (text.replace("model funnel", "model "), CertificateError::Shape("model")),
        (text.replace("rows 12", "rows twelve"), CertificateError::Shape("rows")),
        (text.replace("scenario ", "scenario none"), CertificateError::Shape("scenario")),
        (
            text.replace("parked 2\nerased 1\n", "erased 1\nparked 2\n"),
            CertificateError::Shape("parked"),
        ),
        (format!("{text}more\n"), CertificateError::Shape("result")),
        (text.trim_end().to_owned(), CertificateError::Shape("result")),
    ] {
        assert_eq!(Certificate::parse_text(&bad), Err(error), "{bad}");
    }
}

#[test]
fn only_the_logs_keys_sign_and_only_what_can_be_read_again() {
    let key = log_key(1);
    let unreadable = Certificate { model: "two words".to_owned(), ..good() };
    assert_eq!(unreadable.sign(&[&key]), Err(CertificateError::Shape("model")));
    let refused = good().sign(&[&witness_key()]);
    assert!(matches!(refused, Err(CertificateError::Origin { .. })));
    let elsewhere = Certificate { origin: "example.org/other".to_owned(), ..good() };
    assert!(matches!(elsewhere.sign(&[&key]), Err(CertificateError::Origin { .. })));
}

#[test]
fn a_certificate_is_good_by_the_key_of_its_size_or_a_later_one() {
    let (old, new) = (log_key(1), log_key(2));
    let nodes = nodes(&frames(9, 99));
    let note = rotation(checkpoint_of(ORIGIN, &nodes, 7), &old, &new).sign(&old, &new).unwrap();
    let chain = chain().rotated(&note).unwrap();
    let made = |size, key| certificate(sha256(b"root"), size).sign(&[key]).unwrap();
    let verified = |note: &SignedNote| Certificate::verified(note, &chain).map(|each| each.size);
    assert_eq!(verified(&made(7, &old)), Ok(7));
    assert_eq!(verified(&made(7, &new)), Ok(7));
    assert_eq!(verified(&made(8, &new)), Ok(8));
    let unsigned = ChainError::from(NoteError::NotSigned { name: ORIGIN.to_owned() });
    assert_eq!(verified(&made(8, &old)), Err(unsigned.into()));
}
