//! The way to the database is encrypted where the URL asks for it, and leads to that server only.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use openclaw::config::Config;
use openclaw::store::{self, Opener};
use tempfile::TempDir;

use crate::authority::Authority;
use crate::database::Database;
use crate::gateway::{Gateway, message};

/// Gives the server a certificate for `localhost`, and gives the root that vouches for it.
async fn certify(database: &Database) -> String {
    let Authority { root, certificate, key } = Authority::found();
    // The server's own user writes them, to where the server looks for them.
    for (file, text) in [("server.key", key.serialize_pem()), ("server.crt", certificate.pem())] {
        let lines = text.lines().collect::<Vec<_>>().join("|");
        let write = format!(
            "COPY (SELECT unnest(string_to_array('{lines}', '|'))) TO PROGRAM 'umask 077; rm -f {file}; cat > {file}'"
        );
        database.texts(&write).await;
    }
    database.texts("ALTER SYSTEM SET ssl = on").await;
    database.texts("SELECT pg_reload_conf()").await;
    for _ in 0..500 {
        if database.texts("SHOW ssl").await == ["on"] {
            return root;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the server does not take its certificate");
}

/// By TCP, as the options say, and trusting what is in the file.
fn over_tcp(url: String, ca_file: Option<PathBuf>) -> impl FnOnce(&mut Config) {
    move |config| {
        config.storage.url = url;
        config.storage.postgres.ca_file = ca_file.map(|file| file.display().to_string());
    }
}

async fn refused(url: String, ca_file: Option<PathBuf>) -> String {
    let mut config = Config::default();
    over_tcp(url, ca_file)(&mut config);
    match store::open(&config.storage, Opener::Gateway).await {
        Ok(_) => panic!("it is let in"),
        Err(error) => error.to_string(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_is_reached_over_tls_and_only_if_its_certificate_is_trusted() {
    let database = Arc::new(Database::new());
    let folder = TempDir::new().expect("a folder");
    let company = folder.path().join("company.pem");
    std::fs::write(&company, certify(&database).await).expect("written");
    let url = database.tcp_url();
    let encrypted = format!("{url}?sslmode=require");

    let gateway = Gateway::over(&database, over_tcp(encrypted.clone(), Some(company.clone()))).await;
    gateway.client.chat().send(message("user_123", "hi", "echo")).await.expect("a reply");
    let ways = "SELECT DISTINCT ssl::text FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                WHERE datname = current_database() AND application_name = 'openclaw'";
    assert_eq!(database.texts(ways).await, ["true"], "every connection, that of hints too");
    drop(gateway);

    let unknown = refused(encrypted.clone(), None).await;
    assert!(unknown.to_lowercase().contains("certificate"), "nobody vouches for it: {unknown}");
    let elsewhere = refused(encrypted.replace("localhost", "127.0.0.1"), Some(company.clone())).await;
    assert!(elsewhere.to_lowercase().contains("certificate"), "it is another server's: {elsewhere}");
    let missing = refused(encrypted, Some(folder.path().join("none.pem"))).await;
    assert!(missing.contains("storage.postgres.ca_file") && missing.contains("none.pem"), "{missing}");

    // On this machine nobody listens in between: without `sslmode` nothing is encrypted.
    let gateway = Gateway::over(&database, over_tcp(url, None)).await;
    gateway.client.chat().send(message("user_123", "hi", "echo")).await.expect("a reply");
    assert_eq!(database.texts(ways).await, ["false"]);
}
