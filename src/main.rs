//! The command line of omp2wasi. Each subcommand is a module of `commands`.
//!
//! Invariant: whatever becomes of the standard streams, the process ends with a documented exit code, or by SIGPIPE.

// They panic where nobody takes what they print; see `commands::output`.
#![deny(clippy::print_stdout, clippy::print_stderr)]

mod commands;

use clap::{Parser, Subcommand};
use commands::{FAILURE, compile, devices, emit_c, emit_cl, inspect, output, rewrite, run, shim, toolchain};
use std::ffi::OsString;
use std::process::ExitCode;

/// OpenMP C programs, compiled to WebAssembly, in parallel.
#[derive(Parser)]
#[command(version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Compiles and links C programs: a drop-in for clang
    #[command(disable_help_flag = true, disable_version_flag = true)]
    Cc {
        /// Arguments as for clang
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
    /// Turns the parallel regions of a linked module into wasi-parallel kernels
    Rewrite(rewrite::Arguments),
    /// Shows the parallel regions of a module
    Inspect(inspect::Arguments),
    /// Shows kernels as the OpenCL C that devices run
    EmitCl(emit_cl::Arguments),
    /// Shows kernels as the C that native code is made of
    EmitC(emit_c::Arguments),
    /// Runs a module
    Run(run::Arguments),
    /// Makes native code of a module's parallel regions, for later runs
    Compile(compile::Arguments),
    /// Lists the devices of this machine
    Devices,
    /// The OpenMP runtime library, for linking by hand
    Shim(shim::Arguments),
    /// What build systems have to know to build with `omp2wasi cc`
    Toolchain(toolchain::Arguments),
    /// Runs CMake, so that it builds with `omp2wasi cc`
    #[command(disable_help_flag = true, disable_version_flag = true)]
    Cmake {
        /// Arguments as for cmake
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<OsString>,
    },
}

/// The exit code for a command line that cannot be understood, as that of shells' built-in commands.
const WRONG_COMMAND_LINE: u8 = 2;

fn main() -> ExitCode {
    restore_sigpipe();
    configure_pocl();
    // `omp2wasi cc` does its own parsing: `cc --help` is clang's business.
    if let Some(args) = compiler_arguments(std::env::args_os()) {
        return report(commands::cc::run(args), 1);
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(answer) => return explain(&answer),
    };
    let result = match arguments.command {
        Command::Cc { args } => commands::cc::run(args),
        Command::Rewrite(arguments) => rewrite::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::EmitCl(arguments) => emit_cl::run(&arguments),
        Command::EmitC(arguments) => emit_c::run(&arguments),
        Command::Run(arguments) => run::run(arguments),
        Command::Compile(arguments) => compile::run(&arguments),
        Command::Devices => devices::run(),
        Command::Shim(arguments) => shim::run(&arguments),
        Command::Toolchain(arguments) => toolchain::run(&arguments),
        Command::Cmake { args } => toolchain::cmake(&args),
    };
    report(result, FAILURE)
}

/// The arguments of the compiler, if this is one: by its own name, which is that of a link, or by its first argument.
fn compiler_arguments(mut raw: impl Iterator<Item = OsString>) -> Option<Vec<OsString>> {
    let program = raw.next()?;
    (toolchain::is_c_compiler(&program) || raw.next()? == "cc").then(|| raw.collect())
}

/// A reader that goes away ends the program, as it does a native one; Rust's default would have it go on printing, to no reader.
fn restore_sigpipe() {
    // SAFETY: called before any other thread exists; SIG_DFL is a valid disposition.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}

/// Tells PoCL, in case it is asked for devices, what suits this process.
fn configure_pocl() {
    // It would otherwise take over the signal of a division by zero, and let it pass.
    // SAFETY: no other thread has been started.
    unsafe { std::env::set_var("POCL_SIGFPE_HANDLER", "0") };
    // Its threads disturb each other where they may wander. It ties them to the first processors, so those must be ours.
    if std::env::var_os("POCL_AFFINITY").is_none() && has_first_processors() {
        // SAFETY: as above.
        unsafe { std::env::set_var("POCL_AFFINITY", "1") };
    }
}

/// Whether the processors that this process may use are the first ones of the machine.
fn has_first_processors() -> bool {
    omp2wasi_runtime::Machine::local().procs().iter().enumerate().all(|(at, processor)| at == *processor)
}

/// Prints what the parser has to say: the help or the version, or what is wrong with the command line.
fn explain(answer: &clap::Error) -> ExitCode {
    let text = answer.render().to_string();
    if answer.use_stderr() {
        output::eprint(&text);
        return ExitCode::from(WRONG_COMMAND_LINE);
    }
    report(output::print(&text).map(|()| ExitCode::SUCCESS), FAILURE)
}

fn report(result: anyhow::Result<ExitCode>, failure: u8) -> ExitCode {
    result.unwrap_or_else(|error| {
        output::message(format_args!("omp2wasi: error: {error:#}"));
        ExitCode::from(failure)
    })
}
