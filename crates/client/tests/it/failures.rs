//! What a failure looks like to who has to handle it.

use std::error::Error as _;

use openclaw_client::{Client, Error, ErrorType, RequestOptions};

use crate::stand_in::{Act, KEY, StandIn, answer, failure, ok};
use crate::{REPLY, hello};

#[tokio::test]
async fn every_kind_of_the_gateway_is_that_kind_here() {
    for (kind, word) in [
        (ErrorType::InvalidRequestError, "invalid_request_error"),
        (ErrorType::AuthenticationError, "authentication_error"),
        (ErrorType::PermissionError, "permission_error"),
        (ErrorType::NotFoundError, "not_found_error"),
        (ErrorType::ConflictError, "conflict_error"),
        (ErrorType::RequestTooLarge, "request_too_large"),
        (ErrorType::RateLimitError, "rate_limit_error"),
        (ErrorType::ApiError, "api_error"),
        (ErrorType::ProviderError, "provider_error"),
        (ErrorType::OverloadedError, "overloaded_error"),
        (ErrorType::TimeoutError, "timeout_error"),
    ] {
        let status = format!("{} X", kind.status());
        // Each told with its envelope, with a type this client does not know, and by a proxy in HTML.
        let page = Act::Answer(answer(&status, "content-type: text/html\r\n", "<html>"));
        let acts = vec![failure(&status, "", word, "fine"), failure(&status, "", "newer_error", "fine"), page];
        let gateway = StandIn::start(acts).await;
        let client = gateway.builder().max_retries(0).build().unwrap();
        for code in [Some("fine"), Some("fine"), None] {
            let error = client.chat().send(hello()).await.unwrap_err();
            assert_eq!((error.kind(), error.status()), (Some(kind), Some(kind.status())));
            assert_eq!((error.code(), error.request_id()), (code, Some("req_1")));
            assert_eq!(error.api().unwrap().param.as_deref(), code.and(Some("message")));
        }
    }
}

#[tokio::test]
async fn a_kind_that_nobody_knows_is_still_told() {
    let gateway = StandIn::start(vec![failure("418 Teapot", "", "teapot_error", "short")]).await;
    let error = gateway.client().chat().send(hello()).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.code()), (None, Some(418), Some("short")));
    assert!(error.api().unwrap().body.contains("teapot_error"));
}

#[tokio::test]
async fn what_is_not_json_or_not_a_reply_is_told_with_the_request() {
    for body in ["<html>", "", "{}", r#"{"id":7}"#] {
        let gateway = StandIn::start(vec![ok(body)]).await;
        let error = gateway.client().chat().send(hello()).await.unwrap_err();
        assert!(matches!(error, Error::Decode { .. }), "{error:?}");
        assert_eq!(error.request_id(), Some("req_1"));
        assert_eq!(gateway.seen().len(), 1, "another try would read the same");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_because_the_key_would_go_along() {
    let elsewhere = StandIn::start(vec![ok(REPLY)]).await;
    let location = format!("location: {}/api/v1/chat\r\n", elsewhere.url);
    let gateway = StandIn::start(vec![Act::Answer(answer("307 Temporary Redirect", &location, ""))]).await;
    let error = gateway.client().chat().send(hello()).await.unwrap_err();
    assert_eq!((error.status(), error.kind()), (Some(307), None));
    assert!(error.to_string().contains(&elsewhere.url), "{error}");
    assert_eq!((gateway.seen().len(), elsewhere.seen().len()), (1, 0));
}

#[tokio::test]
async fn the_key_is_in_no_text_that_may_be_logged() {
    let gateway = StandIn::start(vec![failure("401 Unauthorized", "", "authentication_error", "key_invalid")]).await;
    let client = gateway.builder().header("x-extra", KEY).build().unwrap();
    let options = RequestOptions::new().header("x-more", KEY).max_retries(0);
    let refused = client.chat().with(options.clone()).send(hello()).await.unwrap_err();
    let nobody = Client::builder().base_url("http://127.0.0.1:1").api_key(KEY).no_proxy().build().unwrap();
    let unreachable = nobody.chat().with(options.clone()).send(hello()).await.unwrap_err();
    let chat = client.chat().with(options);
    let list = client.keys().with(RequestOptions::new().header("x-more", KEY)).list();
    let mut texts = vec![format!("{client:?} {chat:?} {list:?} {:?}", gateway.builder())];
    for error in [&refused, &unreachable] {
        texts.push(format!("{error} {error:?} {error:#?} {:?}", error.source()));
    }
    for text in texts {
        assert!(!text.contains("verysecret"), "{text}");
    }
    assert_eq!(gateway.seen()[0].header("authorization"), Some(&*format!("Bearer {KEY}")));
}
