//! The files of an extract as texts, built row by row in a test.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The name of each file and its header, in the order in which rows are taken.
pub(crate) const HEADERS: [(&str, &str); 16] = [
    (
        "participants.csv",
        "ref,on,reported_at,participant,birth_year,sex,qualification,local_authority",
    ),
    (
        "referrals.csv",
        "ref,on,reported_at,participant,participation,programme,received_on,referrer,\
         participation_type,group,provider,local_authority",
    ),
    ("progress.csv", "ref,on,reported_at,participation,step,detail"),
    (
        "assessments.csv",
        "ref,on,reported_at,participation,assessment,instrument,version,stage,code,value",
    ),
    ("needs.csv", "ref,on,reported_at,participation,category,severity"),
    (
        "interventions.csv",
        "ref,on,reported_at,participation,intervention,category,delivery,provider,step",
    ),
    ("contacts.csv", "ref,on,reported_at,participation,step,channel,purpose,detail"),
    ("qualifications.csv", "ref,on,reported_at,participation,level,awarding_body"),
    ("concerns.csv", "ref,on,reported_at,participation,concern,step"),
    ("jobs.csv", "ref,on,reported_at,participant,job,step,weekly_hours,sector,reason"),
    ("evidence.csv", "ref,on,reported_at,participant,job,method,covers_from,covers_to"),
    (
        "earnings.csv",
        "ref,on,reported_at,participant,statement_kind,scheme,period_from,period_to,gross_pence,\
         qualifying",
    ),
    ("benefits.csv", "ref,on,reported_at,participant,benefit,observed_from,observed_to"),
    ("consents.csv", "ref,on,reported_at,participant,purpose,step,method"),
    ("claims.csv", "ref,on,reported_at,participation,rule,step,amount_pence"),
    ("corrections.csv", "ref,on,reported_at,corrects,action,field,value,reason"),
];

/// Returns the header of a file.
pub(crate) fn header(file: &str) -> &'static str {
    let found = HEADERS.iter().find(|(name, _)| *name == file);
    found.map(|(_, header)| *header).expect("a file of an extract")
}

/// The texts of an extract, by file name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts {
    pub(crate) files: BTreeMap<String, String>,
}

impl Texts {
    /// Adds a line to a file, which gets its header with its first line.
    pub(crate) fn push(&mut self, file: &str, line: &str) {
        let text =
            self.files.entry(file.to_owned()).or_insert_with(|| format!("{}\n", header(file)));
        text.push_str(line);
        text.push('\n');
    }

    /// Writes the texts into a folder, which is made if need be.
    pub(crate) fn write(&self, folder: &Path) {
        fs::create_dir_all(folder).expect("a folder");
        for (name, text) in &self.files {
            fs::write(folder.join(name), text).expect("a file");
        }
    }
}
