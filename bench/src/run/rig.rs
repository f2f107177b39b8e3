//! The rig: a stand-in, and everyone who is measured against it.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use super::gateway::GatewaySetup;
use super::target::Target;
use crate::process::{self, Process};

/// Everything that runs; dropping it ends it.
#[derive(Debug)]
pub(super) struct Rig {
    /// Direct, the bare proxy, and the gateway if there is one.
    pub(super) targets: Vec<Target>,
    _standin: Process,
}

impl Rig {
    /// Starts everything in a folder, the stand-in on the load's cores.
    pub(super) fn start(
        folder: &Path,
        gateway: Option<&GatewaySetup>,
        load: &[usize],
        tested: &[usize],
    ) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let (standin, standin_address) = start_standin(folder, load)?;
        let (proxy, proxy_address) = start_proxy(folder, standin_address, tested)?;
        let mut targets = vec![Target::direct(standin_address), Target::proxy(proxy_address, proxy)];
        if let Some(gateway) = gateway {
            let started = gateway.start(folder, Some(standin_address), tested)?;
            targets.push(Target::gateway(started.address, started.process));
        }
        Ok(Self { targets, _standin: standin })
    }

    /// The gateway, if there is one.
    pub(super) fn gateway(&self) -> Option<&Target> {
        self.targets.iter().find(|target| target.is_gateway())
    }
}

/// Starts this program's own stand-in as a process.
pub(super) fn start_standin(folder: &Path, cores: &[usize]) -> io::Result<(Process, SocketAddr)> {
    let address = process::free_address()?;
    let port = address.port().to_string();
    let program = std::env::current_exe()?;
    let mut standin = Process::start(&program, &["standin", "--port", &port], cores, &folder.join("standin.log"))?;
    standin.wait_until_listening(address)?;
    Ok((standin, address))
}

fn start_proxy(folder: &Path, to: SocketAddr, cores: &[usize]) -> io::Result<(Process, SocketAddr)> {
    let address = process::free_address()?;
    let (listen, to) = (address.to_string(), to.to_string());
    let arguments = ["proxy", "--listen", &listen, "--to", &to];
    let mut proxy = Process::start(&std::env::current_exe()?, &arguments, cores, &folder.join("proxy.log"))?;
    proxy.wait_until_listening(address)?;
    Ok((proxy, address))
}
