//! Which changes a running gateway cannot take over.

use super::Config;

/// The keys that differ and are read only at start, such as `gateway.api.port`.
pub fn needs_restart(old: &Config, new: &Config) -> Vec<&'static str> {
    let (api, new_api) = (&old.gateway.api, &new.gateway.api);
    let (storage, new_storage) = (&old.storage, &new.storage);
    let (logging, new_logging) = (&old.logging, &new.logging);
    [
        ("gateway.api.enabled", api.enabled != new_api.enabled),
        ("gateway.api.host", api.host != new_api.host),
        ("gateway.api.port", api.port != new_api.port),
        ("gateway.api.connections_max", api.connections_max != new_api.connections_max),
        ("storage.url", storage.url != new_storage.url),
        ("storage.synchronous", storage.synchronous != new_storage.synchronous),
        ("storage.readers", storage.readers != new_storage.readers),
        ("storage.write_queue_max", storage.write_queue_max != new_storage.write_queue_max),
        ("storage.postgres", storage.postgres != new_storage.postgres),
        ("storage.file_bytes_max", storage.file_bytes_max != new_storage.file_bytes_max),
        ("storage.retention", storage.retention != new_storage.retention),
        ("logging.level", logging.level != new_logging.level),
        ("logging.format", logging.format != new_logging.format),
    ]
    .into_iter()
    .filter_map(|(key, differs)| differs.then_some(key))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_keys_read_at_start_are_told() {
        let old = Config::default();
        let mut new = old.clone();
        new.gateway.api.rate_limit.burst = 1;
        new.models.default = "fast".into();
        assert_eq!(needs_restart(&old, &new), [""; 0]);

        new.gateway.api.port = 3001;
        new.storage.retention.events_days = 1;
        assert_eq!(needs_restart(&old, &new), ["gateway.api.port", "storage.retention"]);
    }
}
