//! Clients of 100, 1,000 and 10,000 functions: generation alone, and the whole command from a
//! document on disk to files on disk, in a process of its own.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use mizan_bench::median;
use mizan_generate::{Options, Target, generate, sample};

const TIMES: usize = 5;

fn main() -> io::Result<()> {
    if let Some(config) = std::env::args().nth(1) {
        return command(Path::new(&config));
    }
    println!(
        "functions   generate alone   document to files   peak memory   (aim at 10,000: 0.3 s, 60 MB)"
    );
    let root = std::env::temp_dir().join(format!("mizan-bench-{}", std::process::id()));
    for functions in [100, 1_000, 10_000] {
        let document = sample::document(functions);
        let options = Options { targets: vec![Target::React], ..Options::default() };
        let alone = (0..TIMES).map(|_| {
            let start = Instant::now();
            let generated = generate(&document, &options)
                .map_err(|error| io::Error::other(error.to_string()))?;
            assert!(!generated.files.is_empty(), "nothing was generated");
            Ok(start.elapsed().as_secs_f64())
        });
        let alone = median(alone.collect::<io::Result<_>>()?);
        let (mut whole, mut memory) = (Vec::new(), 0.0f64);
        for round in 0..TIMES {
            // A fresh folder each time: files that were deleted just before make new ones slow.
            let folder = root.join(format!("{functions}-{round}"));
            fs::create_dir_all(&folder)?;
            fs::write(folder.join("schema.json"), serde_json::to_vec(&document)?)?;
            let config = folder.join("mizan.toml");
            fs::write(
                &config,
                "[source]\nfile = \"schema.json\"\n[output]\ndir = \"out\"\ntargets = [\"react\"]\n",
            )?;
            let start = Instant::now();
            let output = Command::new(std::env::current_exe()?).arg(&config).output()?;
            if !output.status.success() {
                return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
            }
            whole.push(start.elapsed().as_secs_f64());
            memory = memory
                .max(String::from_utf8_lossy(&output.stdout).trim().parse().unwrap_or(f64::NAN));
        }
        println!("{functions:>9}   {alone:>12.3} s   {:>15.3} s   {memory:>8.0} MB", median(whole));
    }
    fs::remove_dir_all(root)
}

/// What the command does, and then its peak memory in MB on standard output.
fn command(config: &Path) -> io::Result<()> {
    mizan_generate::run(config, false).map_err(|error| io::Error::other(error.to_string()))?;
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    let kb: f64 =
        line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(f64::NAN);
    println!("{}", kb / 1024.0);
    Ok(())
}
