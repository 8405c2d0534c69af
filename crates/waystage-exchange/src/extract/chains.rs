//! Chains of corrections. A correction may act on another, to any depth and in any order of the
//! rows; a chain must end in a recorded fact. Of several rows with one reference the first whose
//! chain does stands, and a chain that leads back to its own reference does not.

use std::collections::{BTreeMap, BTreeSet};

use waystage_core::id::Reference;

/// What a row of corrections acts on, before chains are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// A recorded fact, and the row may act on it.
    Fact,
    /// A recorded fact, and the row may not act on it.
    Unfit,
    /// Something that only a correction can be.
    Elsewhere,
}

/// One row: its reference, the reference that it acts on, and whether it may act on a correction.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub(super) reference: Reference,
    pub(super) corrects: Reference,
    pub(super) target: Target,
    /// An amendment acts on facts alone.
    pub(super) amends: bool,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Follows {
    /// It acts on a recorded fact.
    Fact,
    /// It acts on the correction in this row.
    Correction(usize),
    /// Its target is known, and it may not act on it.
    Unfit,
    /// Its chain ends in nothing, or in itself.
    Nothing,
}

/// Follows every chain. `taken` says which references are those of recorded facts: no correction
/// stands for them.
pub(super) fn follow(links: &[Link], taken: impl Fn(&Reference) -> bool) -> Vec<Follows> {
    let rows = rows_by(links, |link| &link.reference);
    let named = rows_by(links, |link| &link.corrects);
    let mut acts = reaching(links, &named, &taken);
    let mut chosen = BTreeMap::new();
    for reference in rows.keys().filter(|reference| !taken(reference)) {
        choose(reference, &rows, &acts, &mut chosen);
    }
    // each round takes one row out, so this ends
    while let Some(row) = circular(links, &rows, &acts, &chosen) {
        acts.remove(&row);
        choose(&links[row].reference, &rows, &acts, &mut chosen);
    }
    let follows = |(row, link): (usize, &Link)| match link.target {
        Target::Fact => Follows::Fact,
        Target::Unfit => Follows::Unfit,
        Target::Elsewhere => match chosen.get(&link.corrects) {
            Some(_) if link.amends => Follows::Unfit,
            Some(target) if acts.contains(&row) => Follows::Correction(*target),
            Some(_) | None => Follows::Nothing,
        },
    };
    links.iter().enumerate().map(follows).collect()
}

type Rows<'a> = BTreeMap<&'a Reference, Vec<usize>>;

fn rows_by<'a>(links: &'a [Link], key: impl Fn(&'a Link) -> &'a Reference) -> Rows<'a> {
    let mut rows = Rows::new();
    for (row, link) in links.iter().enumerate() {
        rows.entry(key(link)).or_default().push(row);
    }
    rows
}

/// Returns the rows from which a fact can be reached, whichever row stands for a reference.
fn reaching(
    links: &[Link],
    named: &Rows<'_>,
    taken: &impl Fn(&Reference) -> bool,
) -> BTreeSet<usize> {
    let mut reaching: BTreeSet<usize> = BTreeSet::new();
    let mut open: Vec<usize> =
        (0..links.len()).filter(|row| links[*row].target == Target::Fact).collect();
    while let Some(row) = open.pop() {
        if reaching.insert(row) && !taken(&links[row].reference) {
            let naming = named.get(&links[row].reference).map_or(&[][..], Vec::as_slice);
            open.extend(
                naming
                    .iter()
                    .filter(|row| links[**row].target == Target::Elsewhere && !links[**row].amends),
            );
        }
    }
    reaching
}

/// Lets the first row that acts on something stand for a reference.
fn choose<'a>(
    reference: &'a Reference,
    rows: &Rows<'a>,
    acts: &BTreeSet<usize>,
    chosen: &mut BTreeMap<&'a Reference, usize>,
) {
    let first = rows.get(reference).and_then(|rows| rows.iter().find(|row| acts.contains(row)));
    match first {
        Some(row) => chosen.insert(reference, *row),
        None => chosen.remove(reference),
    };
}

/// Returns a row to take out of a circle of rows that stand: the first that another row of its
/// reference can stand for. A circle that facts reach has one.
fn circular(
    links: &[Link],
    rows: &Rows<'_>,
    acts: &BTreeSet<usize>,
    chosen: &BTreeMap<&Reference, usize>,
) -> Option<usize> {
    let next = |row: usize| match links[row].target {
        Target::Elsewhere => chosen.get(&links[row].corrects).copied(),
        Target::Fact | Target::Unfit => None,
    };
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    for (walk, &start) in chosen.values().enumerate() {
        let mut row = start;
        while !seen.contains_key(&row) {
            seen.insert(row, walk);
            match next(row) {
                Some(target) => row = target,
                None => break,
            }
        }
        if seen.get(&row) != Some(&walk) || next(row).is_none() {
            continue;
        }
        let mut circle = vec![row];
        let mut at = next(row);
        while let Some(target) = at.filter(|target| *target != row) {
            circle.push(target);
            at = next(target);
        }
        circle.sort_unstable();
        let another = |row: &usize| {
            let of_reference = rows.get(&links[*row].reference);
            of_reference.is_some_and(|rows| rows.iter().any(|it| it != row && acts.contains(it)))
        };
        let out = circle.iter().copied().find(another);
        return out.or(circle.first().copied());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `X>Y` (withdraws) and `X~Y` (amends); references that begin with `F` are facts.
    fn followed(rows: &[&str]) -> Vec<Follows> {
        let link = |text: &&str| {
            let amends = text.contains('~');
            let (reference, corrects) = text.split_once(['>', '~']).expect("a link");
            let is_fact = corrects.starts_with('F');
            Link {
                reference: reference.into(),
                corrects: corrects.into(),
                target: if is_fact { Target::Fact } else { Target::Elsewhere },
                amends,
            }
        };
        let links: Vec<Link> = rows.iter().map(link).collect();
        follow(&links, |reference| reference.as_str().starts_with('F'))
    }

    use Follows::{Correction, Fact, Nothing, Unfit};

    #[test]
    fn chains_are_followed_to_any_depth_in_any_order() {
        assert_eq!(followed(&["A>B", "B>C", "C>F1"]), [Correction(1), Correction(2), Fact]);
        assert_eq!(followed(&["A>B", "B>X"]), [Nothing, Nothing]);
        assert_eq!(followed(&["A~B", "B>F1"]), [Unfit, Fact]);
        let deep: Vec<String> = (0..5000).map(|at| format!("C{at}>C{}", at + 1)).collect();
        let mut rows: Vec<&str> = deep.iter().map(String::as_str).collect();
        rows.push("C5000>F1");
        assert!(!followed(&rows).contains(&Nothing));
    }

    #[test]
    fn a_circle_acts_on_nothing_and_does_not_displace_a_row_that_does() {
        assert_eq!(followed(&["X>Y", "Y>X"]), [Nothing, Nothing]);
        assert_eq!(followed(&["X>X"]), [Nothing]);
        assert_eq!(followed(&["X>Y", "X>F1", "Y>X"]), [Nothing, Fact, Correction(1)]);
        let both = followed(&["X>Y", "X>F1", "Y>X", "Y>F2"]);
        assert_eq!(both, [Nothing, Fact, Correction(1), Fact]);
    }

    #[test]
    fn of_several_rows_with_one_reference_the_first_that_acts_is_meant() {
        assert_eq!(followed(&["A>R", "R>F1", "R>F2"]), [Correction(1), Fact, Fact]);
        assert_eq!(followed(&["A>R", "R>X", "R>F2"]), [Correction(2), Nothing, Fact]);
        let later = followed(&["R>B", "R>F1", "B>F2", "A>R"]);
        assert_eq!(later, [Correction(2), Fact, Fact, Correction(0)]);
    }
}
