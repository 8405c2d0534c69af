//! `completions` and `man`: from the same definition as the help.

use std::path::Path;
use std::process::ExitCode;

use clap::CommandFactory;

use crate::arguments::Arguments;
use crate::failure::Failure;
use crate::output::Output;

pub(crate) fn completions(shell: clap_complete::Shell) -> Result<ExitCode, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "waystage", &mut text);
    std::io::Write::write_all(&mut std::io::stdout(), &text)?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn man(
    folder: &Path,
    arguments: &Arguments,
    output: &mut Output,
) -> Result<ExitCode, Failure> {
    let unwritable =
        |error: std::io::Error| Failure::Usage(format!("{}: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    clap_mangen::generate_to(Arguments::command(), folder).map_err(unwritable)?;
    let shown = folder.display().to_string();
    if arguments.json {
        output.json(&serde_json::json!({ "folder": shown }))?;
    } else {
        output.line(&format!("man pages are in {shown}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
