//! The `dalaba` program: hands the typed words to [`dalaba::cli`] and its answer to the shell.

use std::process::ExitCode;

fn main() -> ExitCode {
    dalaba::cli::run(std::env::args_os())
}
