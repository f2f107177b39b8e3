//! Each call by its name.

use std::collections::BTreeMap;
use std::future::IntoFuture;

use openclaw_client::{
    Agent, AgentStatus, Client, Delivery, DeliveryStatus, Error, List, Message, RequestOptions, StoredEvent, Timestamp,
    UsageBucket, Webhook, verify_webhook,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::log::Log;
use crate::outcome::Outcome;
use crate::request::Request;

/// Makes a call; the error is the runner's own.
pub(crate) async fn make(request: Request) -> Result<Outcome, String> {
    let log = request.client.log.as_deref().map(Log::hear);
    let outcome = called(&request).await?;
    Ok(Outcome { response: request.seen(), log: log.map(Log::told), ..outcome })
}

async fn called(request: &Request) -> Result<Outcome, String> {
    let noun = request.call.rsplit_once('.').map_or("", |(noun, _)| noun);
    match noun {
        "" => verify(request),
        "webhook" => check_webhook(request),
        _ => match request.client() {
            Ok(client) => send(request, &client, request.options()).await,
            Err(error) => Ok(Outcome::of::<Value>(Err(error))),
        },
    }
}

async fn send(request: &Request, client: &Client, options: RequestOptions) -> Result<Outcome, String> {
    let (noun, method) = request.call.rsplit_once('.').expect("the caller has split it");
    match noun {
        "agents" => agents(request, method, client, options).await,
        "channels" if method == "send" => {
            let (id, body) = (request.argument::<String>("id")?, request.body()?);
            Ok(Outcome::of(request.replied(client.channels().with(options).send(&id, body)).await))
        }
        "chat" => chat(request, method, client, options).await,
        "sessions" => sessions(request, method, client, options).await,
        "schedules" => schedules(request, method, client, options).await,
        "keys" => keys(request, method, client, options).await,
        "webhooks.endpoints" => endpoints(request, method, client, options).await,
        "webhooks.deliveries" => deliveries(request, method, client, options).await,
        "events" => events(request, method, client, options).await,
        "models" if method == "list" => list(request, client.models().with(options).list()).await,
        "skills" if method == "list" => list(request, client.skills().with(options).list()).await,
        "status" if method == "get" => Ok(Outcome::of(request.replied(client.status().with(options).get()).await)),
        "usage" if method == "list" => {
            let mut usage = client.usage().with(options).list();
            if let Some(since) = request.optional::<Timestamp>("since")? {
                usage = usage.since(since);
            }
            if let Some(until) = request.optional::<Timestamp>("until")? {
                usage = usage.until(until);
            }
            list::<UsageBucket>(request, usage).await
        }
        _ => Err(unknown(request)),
    }
}

async fn agents(request: &Request, method: &str, client: &Client, options: RequestOptions) -> Result<Outcome, String> {
    let agents = client.agents().with(options);
    match method {
        "spawn" => {
            return Ok(Outcome::of(request.replied(agents.spawn(request.body()?)).await.map(|agent| agent.snapshot())));
        }
        "wait" => return Ok(Outcome::of(request.replied(agents.wait(request.body()?)).await)),
        "list" => {
            let mut rows = agents.list();
            if let Some(status) = request.optional::<AgentStatus>("status")? {
                rows = rows.status(status);
            }
            if let Some(id) = request.optional::<String>("parent_id")? {
                rows = rows.parent(id);
            }
            if let Some(id) = request.optional::<String>("root_id")? {
                rows = rows.root(id);
            }
            return list::<Agent>(request, rows).await;
        }
        _ => {}
    }
    let id: String = request.argument("id")?;
    Ok(match method {
        "get" => match request.optional("wait")? {
            Some(seconds) => Outcome::of(request.replied(agents.get_after_wait(&id, seconds)).await),
            None => Outcome::of(request.replied(agents.get(&id)).await),
        },
        "wait_for_completion" => Outcome::of(request.replied(agents.wait_for_completion(&id)).await),
        "cancel" => Outcome::of(request.replied(agents.cancel(&id)).await),
        "input" => Outcome::of(request.replied(agents.input(&id, request.body()?)).await),
        "steps" => list(request, agents.steps(&id)).await?,
        "children" => list(request, agents.children(&id)).await?,
        "events" => {
            let opened = match request.optional::<String>("last_event_id")? {
                Some(after) => request.replied(agents.events_after(&id, after)).await,
                None => request.replied(agents.events(&id)).await,
            };
            match opened {
                Ok(events) => Outcome::of_items(events, request.take).await.0,
                Err(error) => Outcome::unopened(&error),
            }
        }
        _ => return Err(unknown(request)),
    })
}

async fn chat(request: &Request, method: &str, client: &Client, options: RequestOptions) -> Result<Outcome, String> {
    let chat = client.chat().with(options);
    match method {
        "send" => Ok(Outcome::of(request.replied(chat.send(request.body()?)).await)),
        "stream" => {
            let mut stream = match request.replied(chat.stream(request.body()?)).await {
                Ok(stream) => stream,
                Err(error) => return Ok(Outcome::unopened(&error)),
            };
            let (outcome, ended) = Outcome::of_items(&mut stream, request.take).await;
            if !ended {
                return Ok(outcome);
            }
            Ok(Outcome { items: outcome.items, ..Outcome::of(stream.final_response().await) })
        }
        _ => Err(unknown(request)),
    }
}

async fn sessions(
    request: &Request,
    method: &str,
    client: &Client,
    options: RequestOptions,
) -> Result<Outcome, String> {
    let sessions = client.sessions().with(options);
    if method == "list" {
        return list(request, sessions.list()).await;
    }
    let id: String = request.argument("id")?;
    Ok(match method {
        "get" => Outcome::of(request.replied(sessions.get(&id)).await),
        "update" => Outcome::of(request.replied(sessions.update(&id, request.body()?)).await),
        "delete" => Outcome::of(request.replied(sessions.delete(&id)).await),
        "messages" => {
            let messages = sessions.messages(&id);
            let newest_first = request.optional::<String>("order")?.as_deref() == Some("desc");
            list::<Message>(request, if newest_first { messages.newest_first() } else { messages }).await?
        }
        _ => return Err(unknown(request)),
    })
}

async fn keys(request: &Request, method: &str, client: &Client, options: RequestOptions) -> Result<Outcome, String> {
    let keys = client.keys().with(options);
    match method {
        "create" => Ok(Outcome::of(request.replied(keys.create(request.body()?)).await)),
        "list" => list(request, keys.list()).await,
        "revoke" => Ok(Outcome::of(request.replied(keys.revoke(&request.argument::<String>("id")?)).await)),
        _ => Err(unknown(request)),
    }
}

async fn schedules(
    request: &Request,
    method: &str,
    client: &Client,
    options: RequestOptions,
) -> Result<Outcome, String> {
    let schedules = client.schedules().with(options);
    match method {
        "create" => return Ok(Outcome::of(request.replied(schedules.create(request.body()?)).await)),
        "list" => return list(request, schedules.list()).await,
        _ => {}
    }
    let id: String = request.argument("id")?;
    Ok(match method {
        "get" => Outcome::of(request.replied(schedules.get(&id)).await),
        "update" => Outcome::of(request.replied(schedules.update(&id, request.body()?)).await),
        "delete" => Outcome::of(request.replied(schedules.delete(&id)).await),
        "run" => Outcome::of(request.replied(schedules.run(&id)).await),
        "runs" => list(request, schedules.runs(&id)).await?,
        _ => return Err(unknown(request)),
    })
}

async fn endpoints(
    request: &Request,
    method: &str,
    client: &Client,
    options: RequestOptions,
) -> Result<Outcome, String> {
    let endpoints = client.webhooks().endpoints().with(options);
    match method {
        "create" => return Ok(Outcome::of(request.replied(endpoints.create(request.body()?)).await)),
        "list" => return list(request, endpoints.list()).await,
        _ => {}
    }
    let id: String = request.argument("id")?;
    Ok(match method {
        "get" => Outcome::of(request.replied(endpoints.get(&id)).await),
        "update" => Outcome::of(request.replied(endpoints.update(&id, request.body()?)).await),
        "delete" => Outcome::of(request.replied(endpoints.delete(&id)).await),
        "test" => Outcome::of(request.replied(endpoints.test(&id, request.body()?)).await),
        "rotate_secret" => Outcome::of(request.replied(endpoints.rotate_secret(&id, request.body()?)).await),
        "recover" => Outcome::of(request.replied(endpoints.recover(&id, request.body()?)).await),
        _ => return Err(unknown(request)),
    })
}

async fn deliveries(
    request: &Request,
    method: &str,
    client: &Client,
    options: RequestOptions,
) -> Result<Outcome, String> {
    let deliveries = client.webhooks().deliveries().with(options);
    match method {
        "list" => {
            let mut rows = deliveries.list();
            if let Some(id) = request.optional::<String>("endpoint_id")? {
                rows = rows.endpoint(id);
            }
            if let Some(status) = request.optional::<DeliveryStatus>("status")? {
                rows = rows.status(status);
            }
            if let Some(name) = request.optional::<String>("event")? {
                rows = rows.event(name);
            }
            list::<Delivery>(request, rows).await
        }
        "get" => Ok(Outcome::of(request.replied(deliveries.get(&request.argument::<String>("id")?)).await)),
        "retry" => Ok(Outcome::of(request.replied(deliveries.retry(&request.argument::<String>("id")?)).await)),
        "retry_matching" => Ok(Outcome::of(request.replied(deliveries.retry_matching(request.body()?)).await)),
        _ => Err(unknown(request)),
    }
}

async fn events(request: &Request, method: &str, client: &Client, options: RequestOptions) -> Result<Outcome, String> {
    let events = client.events().with(options);
    let patterns = request.optional::<Vec<String>>("events")?;
    match method {
        "get" => Ok(Outcome::of(request.replied(events.get(&request.argument::<String>("id")?)).await)),
        "list" => {
            let mut rows = events.list();
            if let Some(patterns) = patterns {
                rows = rows.events(patterns);
            }
            list::<StoredEvent>(request, rows).await
        }
        "stream" => {
            let mut follow = events.stream();
            if let Some(patterns) = patterns {
                follow = follow.events(patterns);
            }
            if let Some(id) = request.optional::<String>("last_event_id")? {
                follow = follow.after(id);
            }
            Ok(match request.replied(follow.into_future()).await {
                Ok(stream) => Outcome::of_items(stream, request.take).await.0,
                Err(error) => Outcome::unopened(&error),
            })
        }
        _ => Err(unknown(request)),
    }
}

/// A list: a page of it, or its rows.
async fn list<T>(request: &Request, mut list: List<T>) -> Result<Outcome, String>
where
    T: DeserializeOwned + Serialize + Send + 'static,
{
    if let Some(limit) = request.optional("limit")? {
        list = list.limit(limit);
    }
    if let Some(after) = request.optional::<String>("after")? {
        list = list.after(after);
    }
    if request.page {
        return Ok(Outcome::of(request.replied(list.page()).await));
    }
    Ok(Outcome::of_items(list, request.take).await.0)
}

fn verify(request: &Request) -> Result<Outcome, String> {
    if request.call != "verify_webhook" {
        return Err(unknown(request));
    }
    let [payload, signature, secret] =
        [request.argument::<String>("payload")?, request.argument("signature")?, request.argument("secret")?];
    Ok(Outcome::of(Ok::<_, Error>(verify_webhook(&payload, &signature, &secret))))
}

fn check_webhook(request: &Request) -> Result<Outcome, String> {
    let headers: BTreeMap<String, String> = request.argument("headers")?;
    let body: String = request.argument("body")?;
    let now = Timestamp::from_millis(request.argument::<i64>("now")? * 1000);
    let verified = Webhook::with_secrets(request.argument::<Vec<String>>("secrets")?)
        .and_then(|webhook| webhook.verify(body.as_bytes(), |name| headers.get(name).map(String::as_str), now));
    Ok(match verified {
        Ok(event) => {
            let event = json!({"id": event.id, "event": event.event, "timestamp": event.timestamp, "data": event.raw});
            Outcome { returns: Some(event), ..Outcome::default() }
        }
        Err(error) => Outcome::of_webhook(error),
    })
}

fn unknown(request: &Request) -> String {
    format!("there is no call `{}`", request.call)
}
