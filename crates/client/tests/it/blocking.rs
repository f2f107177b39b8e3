//! Calls without a runtime, and their refusal inside one.

use std::thread;

use openclaw_client::{ChatRequest, Client, Error};

use crate::stand_in::{Act, STREAM_END, STREAM_HEAD, StandIn, ok, piece};
use crate::{REPLY, hello};

/// Runs a gateway in a runtime of its own, and what uses it on a thread that has none.
fn with_gateway(acts: Vec<Act>, user: impl FnOnce(&StandIn) + Send) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let gateway = runtime.block_on(StandIn::start(acts));
    thread::scope(|scope| {
        let user = scope.spawn(|| user(&gateway));
        let (ended, end) = tokio::sync::oneshot::channel();
        scope.spawn(move || {
            let outcome = user.join();
            let _ = ended.send(());
            outcome.unwrap();
        });
        runtime.block_on(end).unwrap();
    });
}

fn streamed() -> Act {
    let chunk = |text: &str| {
        piece(&format!(
            "event: chunk\ndata: {{\"id\":\"msg_1\",\"session_id\":\"user_123\",\"content\":\"{text}\"}}\n\n"
        ))
    };
    let done = piece(&format!("event: done\ndata: {REPLY}\n\n"));
    Act::Answer(STREAM_HEAD.to_owned() + &chunk("你好") + &chunk(" there") + &done + STREAM_END)
}

#[test]
fn a_call_a_stream_and_a_list_hold_the_thread_until_they_are_done() {
    let model = |id: &str| format!(r#"{{"id":"{id}","provider":"echo","default":true}}"#);
    let first = ok(&format!(r#"{{"data":[{},{}],"has_more":true,"next":"c1"}}"#, model("one"), model("two")));
    let last = ok(&format!(r#"{{"data":[{}],"has_more":false}}"#, model("three")));
    with_gateway(vec![ok(REPLY), streamed(), first, last], |gateway| {
        let client = gateway.client();
        assert_eq!(client.chat().send(hello()).wait().unwrap().content, "你好 there");

        let mut stream = client.chat().stream(hello()).wait().unwrap().blocking();
        assert_eq!(stream.request_id(), Some("req_1"));
        let texts: Vec<String> = stream.by_ref().map(|chunk| chunk.unwrap().content).collect();
        assert_eq!(texts, ["你好", " there"]);
        assert_eq!(stream.final_response().unwrap().content, "你好 there");

        let models: Result<Vec<_>, Error> = client.models().list().blocking().collect();
        assert_eq!(models.unwrap().len(), 3);
    });
}

#[test]
fn an_iterator_ends_after_one_error() {
    with_gateway(vec![ok("{}")], |gateway| {
        let mut models = gateway.client().models().list().blocking();
        assert!(matches!(models.next(), Some(Err(Error::Decode { .. }))));
        assert!(models.next().is_none());
    });
}

#[test]
fn threads_share_a_client() {
    with_gateway(vec![ok(REPLY)], |gateway| {
        let client = gateway.client();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        client.chat().send(hello()).wait().unwrap();
                    }
                });
            }
        });
        assert_eq!(gateway.seen().len(), 80);
    });
}

#[tokio::test]
async fn inside_a_runtime_it_is_refused_instead_of_hanging() {
    let client = Client::builder().base_url("http://127.0.0.1:1").api_key("key").no_proxy().build().unwrap();
    let refused = |error: Error| {
        assert!(matches!(&error, Error::Config(problem) if problem.contains("await")), "{error:?}");
    };
    refused(client.chat().send(ChatRequest::default()).wait().unwrap_err());
    let mut models = client.models().list().blocking();
    refused(models.next().unwrap().unwrap_err());
    assert!(models.next().is_none());
}
