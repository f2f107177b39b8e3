//! Rules of `outbound`.

use super::Findings;
use crate::config::OutboundConfig;

pub(super) fn check(outbound: &OutboundConfig, findings: &mut Findings) {
    if outbound.ca_file.as_ref().is_some_and(|file| !file.is_absolute()) {
        findings.fault_with_help(
            "outbound.ca_file",
            "is not an absolute path",
            "such as /etc/ssl/company.pem: the gateway may be started in any folder",
        );
    }
}
