//! Processes under test: started, pinned to cores, and what Linux says of them.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Linux counts CPU time in hundredths of a second, on every architecture it is used on (`USER_HZ`).
const TICK: Duration = Duration::from_millis(10);

/// How long a process may take to listen.
const LISTEN_MAX: Duration = Duration::from_secs(30);

/// How long a process may take to end.
const STOP_MAX: Duration = Duration::from_secs(30);

/// A started process; dropping it kills it.
#[derive(Debug)]
pub struct Process {
    child: Child,
}

impl Process {
    /// Starts a program on the cores (all, if none are named or `taskset` is missing), its output going to a file.
    pub fn start(program: &Path, arguments: &[&str], cores: &[usize], log: &Path) -> io::Result<Self> {
        let mut command = pinned(program, cores);
        let log = std::fs::File::options().create(true).append(true).open(log)?;
        let child = command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", program.display())))?;
        Ok(Self { child })
    }

    /// Its id. `taskset` becomes the program it starts, so this is the program's.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end and waits until it has; kills it after 30 seconds.
    pub fn stop(mut self) -> io::Result<()> {
        Command::new("kill").arg(self.id().to_string()).status()?;
        let begin = Instant::now();
        while self.child.try_wait()?.is_none() && begin.elapsed() < STOP_MAX {
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Waits until it accepts connections; an error if it ended or took 30 seconds.
    pub fn wait_until_listening(&mut self, address: SocketAddr) -> io::Result<()> {
        let begin = Instant::now();
        while TcpStream::connect(address).is_err() {
            if let Some(status) = self.child.try_wait()? {
                return Err(io::Error::other(format!("it ended with {status} before it listened on {address}")));
            }
            if begin.elapsed() > LISTEN_MAX {
                return Err(io::Error::other(format!("it does not listen on {address}")));
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program to be started on the cores; on all, if none are named or `taskset` is missing.
pub(crate) fn pinned(program: &Path, cores: &[usize]) -> Command {
    if cores.is_empty() || !can_pin() {
        return Command::new(program);
    }
    let mut taskset = Command::new("taskset");
    taskset.arg("-c").arg(core_list(cores)).arg(program);
    taskset
}

/// Memory of a process, in KiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Resident now.
    pub resident_kib: u64,
    /// The most that ever was.
    pub peak_kib: u64,
}

/// CPU time of a process so far, in user and kernel, all threads, in steps of 10 ms.
pub fn cpu_time(pid: u32) -> io::Result<Duration> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    parse_cpu_time(&stat).ok_or_else(|| io::Error::other("/proc/PID/stat is not as proc(5) says"))
}

/// Memory of a process.
pub fn memory(pid: u32) -> io::Result<Memory> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
    parse_memory(&status).ok_or_else(|| io::Error::other("/proc/PID/status is not as proc(5) says"))
}

/// Pins every thread of a process to cores; does nothing where `taskset` is missing.
pub fn pin(pid: u32, cores: &[usize]) -> io::Result<()> {
    if !can_pin() {
        return Ok(());
    }
    let pid = pid.to_string();
    let output = Command::new("taskset").args(["-a", "-c", "-p", &core_list(cores), &pid]).output()?;
    if output.status.success() { Ok(()) } else { Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim())) }
}

/// Whether processes can be pinned here: `taskset` of util-linux is installed.
pub fn can_pin() -> bool {
    Command::new("taskset").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// An address on loopback that nobody listens on.
pub fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

fn core_list(cores: &[usize]) -> String {
    cores.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Fields 14 and 15, counted after the program's name, which may hold blanks and brackets.
fn parse_cpu_time(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(TICK * (user + system))
}

fn parse_memory(status: &str) -> Option<Memory> {
    let kib = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().next()?.parse().ok()
    };
    Some(Memory { resident_kib: kib("VmRSS:")?, peak_kib: kib("VmHWM:")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proc_is_read_also_of_a_program_with_an_odd_name() {
        let stat =
            "42 (a) b (c) S 1 42 42 0 -1 4194560 900 0 0 0 150 27 0 0 20 0 3 0 100 1000 200 18446744073709551615";
        assert_eq!(parse_cpu_time(stat), Some(Duration::from_millis(1770)));
        let status = "Name:\topenclaw\nVmHWM:\t    9000 kB\nVmRSS:\t    8000 kB\nThreads:\t3\n";
        assert_eq!(parse_memory(status), Some(Memory { resident_kib: 8000, peak_kib: 9000 }));
        assert_eq!(parse_memory("Name: gone"), None);
    }

    #[test]
    fn this_process_has_memory() {
        let memory = memory(std::process::id()).expect("Linux");
        assert!(memory.resident_kib > 100 && memory.peak_kib >= memory.resident_kib);
        cpu_time(std::process::id()).expect("Linux");
    }
}
