//! The settings of a client, checked once, when it is built.

use std::fmt;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, USER_AGENT};

use super::Client;
use crate::retry::Backoff;
use crate::transport::{Settings, Transport, header};
use crate::{Error, environment, tls};

/// Where a gateway answers on the machine it was started on.
const BASE_URL_DEFAULT: &str = "http://localhost:3000";
/// The variables by which proxies are set; reqwest reads them too.
const PROXY_VARIABLES: [&str; 6] = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The settings of a [`Client`]; what is left open has the default told at each.
///
/// ```
/// use std::time::Duration;
///
/// use openclaw_client::Client;
///
/// let client = Client::builder()
///     .base_url("http://localhost:3000")
///     .api_key("oc_api_sk_xxx")
///     .timeout(Duration::from_secs(60))
///     .max_retries(5)
///     .user_agent("my-app/1.0")
///     .build()?;
/// # Ok::<(), openclaw_client::Error>(())
/// ```
#[derive(Clone)]
pub struct ClientBuilder {
    base_url: Option<String>,
    api_key: Option<String>,
    timeout: Duration,
    connect_timeout: Duration,
    idle_timeout: Duration,
    max_retries: u32,
    backoff: Backoff,
    headers: Vec<(String, String)>,
    proxy: Proxy,
    ca_pem: Option<Vec<u8>>,
    user_agent: Option<String>,
}

#[derive(Clone)]
enum Proxy {
    Environment,
    None,
    At(String),
}

impl Default for ClientBuilder {
    fn default() -> Self {
        Self {
            base_url: None,
            api_key: None,
            timeout: Duration::from_mins(10),
            connect_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_mins(2),
            max_retries: 2,
            backoff: Backoff::default(),
            headers: Vec::new(),
            proxy: Proxy::Environment,
            ca_pem: None,
            user_agent: None,
        }
    }
}

#[expect(clippy::return_self_not_must_use, reason = "a builder that is not built is noticed")]
impl ClientBuilder {
    /// Where the gateway is; by default `OPENCLAW_BASE_URL`, else `http://localhost:3000`.
    pub fn base_url(mut self, base_url: impl Into<String>) -> Self {
        self.base_url = Some(base_url.into());
        self
    }

    /// The API key, `oc_api_sk_…`; by default `OPENCLAW_API_KEY`.
    pub fn api_key(mut self, api_key: impl Into<String>) -> Self {
        self.api_key = Some(api_key.into());
        self
    }

    /// The longest that a call may take, retries included; for a stream, until its first byte. 600 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The longest that connecting may take, in each try; 5 s by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The longest silence of a stream that has begun; 120 s by default.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// How often a call is tried again at most; 2 by default.
    pub fn max_retries(mut self, max_retries: u32) -> Self {
        self.max_retries = max_retries;
        self
    }

    /// The wait before the first retry, and the longest as it doubles; 0.5 s and 8 s by default.
    ///
    /// Chance takes up to a quarter off. A wait that the gateway asks for goes before it.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        self.backoff = Backoff { first, longest };
        self
    }

    /// Adds a header to every request, in place of the client's own of that name.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The proxy to go through; by default what `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Proxy::At(url.into());
        self
    }

    /// Goes through no proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = Proxy::None;
        self
    }

    /// Certificates, in PEM, to trust besides those that the machine trusts.
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_pem = Some(pem.into());
        self
    }

    /// What to add to the user agent `openclaw-rust/<version>`, such as `my-app/1.0`.
    pub fn user_agent(mut self, suffix: impl Into<String>) -> Self {
        self.user_agent = Some(suffix.into());
        self
    }

    /// Makes the client, or says which setting is wrong. Connects to nothing.
    pub fn build(self) -> Result<Client, Error> {
        self.build_with(environment::variable)
    }

    fn build_with(self, variable: impl Fn(&str) -> Option<String>) -> Result<Client, Error> {
        let base_url = self.base_url.clone().or_else(|| variable("OPENCLAW_BASE_URL"));
        let base_url = checked_base_url(base_url.as_deref().unwrap_or(BASE_URL_DEFAULT))?;
        let api_key = self.api_key.clone().or_else(|| variable("OPENCLAW_API_KEY")).ok_or_else(|| {
            Error::config("no API key: set OPENCLAW_API_KEY or hand one over; `openclaw api key generate` makes one")
        })?;
        let headers = self.headers(&api_key)?;
        let http = self.http(&base_url, variable)?;
        Ok(Client {
            transport: Transport::new(Settings {
                http,
                base_url,
                headers,
                timeout: self.timeout,
                idle_timeout: self.idle_timeout,
                max_retries: self.max_retries,
                backoff: self.backoff,
            }),
        })
    }

    fn headers(&self, api_key: &str) -> Result<HeaderMap, Error> {
        let mut credential = HeaderValue::from_str(&format!("Bearer {api_key}"))
            .ok()
            .filter(|_| !api_key.is_empty() && !api_key.contains(char::is_whitespace))
            .ok_or_else(|| {
                Error::config("the API key is empty, or holds a blank, a line break or a letter that no key has")
            })?;
        credential.set_sensitive(true);
        let mut user_agent = concat!("openclaw-rust/", env!("CARGO_PKG_VERSION")).to_owned();
        if let Some(suffix) = &self.user_agent {
            user_agent.push(' ');
            user_agent.push_str(suffix);
        }
        let user_agent = HeaderValue::try_from(user_agent)
            .map_err(|_| Error::config("the user agent holds a character that no header may"))?;
        let mut headers = HeaderMap::from_iter([(AUTHORIZATION, credential), (USER_AGENT, user_agent)]);
        for (name, value) in &self.headers {
            let (name, value) = header(name, value)?;
            headers.insert(name, value);
        }
        Ok(headers)
    }

    fn http(&self, base_url: &Url, variable: impl Fn(&str) -> Option<String>) -> Result<reqwest::Client, Error> {
        let speaks_tls = |url: &str| url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:"));
        let mut http = reqwest::Client::builder()
            .connect_timeout(self.connect_timeout)
            .redirect(reqwest::redirect::Policy::none());
        let proxy_speaks_tls = match &self.proxy {
            Proxy::Environment => PROXY_VARIABLES.iter().filter_map(|name| variable(name)).any(|url| speaks_tls(&url)),
            Proxy::None => {
                http = http.no_proxy();
                false
            }
            Proxy::At(url) => {
                http = http.proxy(reqwest::Proxy::all(url).map_err(|_| Error::config("the proxy is not a URL"))?);
                speaks_tls(url)
            }
        };
        let trusted = self.ca_pem.as_deref().map(tls::certificates).transpose()?.unwrap_or_default();
        let needs_tls = base_url.scheme() == "https" || proxy_speaks_tls;
        http.tls_backend_preconfigured(if needs_tls { tls::trusting(trusted)? } else { tls::unused() })
            .build()
            .map_err(|error| Error::config(format!("the client cannot be built: {error}")))
    }
}

impl fmt::Debug for ClientBuilder {
    /// Without the key, and without the values of headers and the proxy's address, which may be or hold secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("ClientBuilder")
            .field("timeout", &self.timeout)
            .field("connect_timeout", &self.connect_timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("max_retries", &self.max_retries)
            .field("backoff", &self.backoff)
            .field("headers", &names)
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}

/// The address without slashes at its end. A path before the routes is allowed, for gateways behind a proxy.
fn checked_base_url(text: &str) -> Result<Url, Error> {
    // The address may hold a password by mistake, so what is wrong is told without it.
    let mut url = Url::parse(text).map_err(|error| Error::config(format!("the base URL is not a URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Error::config("the base URL must begin with `http://` or `https://`"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::config("the base URL must hold no user or password: the API key is the credential"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(Error::config("the base URL must end with its path, without `?` or `#`"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "oc_api_sk_verysecretverysecret";

    fn built(variables: &[(&str, &str)]) -> Result<Client, Error> {
        Client::builder()
            .build_with(|name| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_environment_says_what_the_arguments_do_not() {
        let client = built(&[("OPENCLAW_API_KEY", KEY)]).unwrap();
        assert_eq!(client.transport.base_url(), "http://localhost:3000");
        let client = built(&[("OPENCLAW_API_KEY", KEY), ("OPENCLAW_BASE_URL", "https://host/prefix/")]).unwrap();
        assert_eq!(client.transport.base_url(), "https://host/prefix");
        let Err(Error::Config(problem)) = built(&[]) else { panic!("a key is needed") };
        assert!(problem.contains("OPENCLAW_API_KEY"), "{problem}");
    }

    #[test]
    fn a_wrong_setting_is_told_before_anything_is_sent_and_without_secrets() {
        let builder = || Client::builder().base_url("http://localhost").api_key(KEY);
        for (wrong, builder) in [
            ("empty key", builder().api_key("")),
            ("line break in key", builder().api_key(format!("{KEY}\n"))),
            ("no URL", builder().base_url(format!("host?{KEY}"))),
            ("scheme", builder().base_url("ftp://host")),
            ("password", builder().base_url(format!("http://user:{KEY}@host"))),
            ("query", builder().base_url(format!("http://host?key={KEY}"))),
            ("header name", builder().header("a b", KEY)),
            ("header value", builder().header("x-key", format!("{KEY}\n"))),
            ("proxy", builder().proxy(format!("http://user:{KEY}@:x"))),
            ("user agent", builder().user_agent("\n")),
            ("certificates", builder().ca_pem("none")),
        ] {
            let debug = format!("{builder:?}");
            let Err(error @ Error::Config(_)) = builder.build() else { panic!("{wrong} was accepted") };
            assert!(!format!("{error} {error:?} {debug}").contains(KEY), "{wrong}: {error:?} {debug}");
        }
    }

    #[test]
    fn tls_is_ready_where_it_is_needed() {
        assert!(Client::new("https://localhost", KEY).is_ok());
        assert!(Client::builder().base_url("http://host").api_key(KEY).proxy("https://proxy:1").build().is_ok());
    }
}
