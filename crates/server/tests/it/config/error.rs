//! What is refused, in which words.

use super::refusal;

#[test]
fn scratch() {
    for yaml in [
        "gateway:\n  api:\n    enabled: true\n    prot: 3000\n",
        "gatway: {}\n",
        "gateway:\n  api:\n    colour: blue\n",
        "gateway:\n  api:\n    auth:\n      sceret: hunter2\n",
        "gateway:\n  api:\n    port: abc\n",
        "gateway:\n  api:\n    port: 70000\n",
        "gateway:\n  api:\n    port: ${WORD}\n",
        "gateway:\n  api:\n    port:\n",
        "gateway:\n  api:\n    port: [1]\n",
        "gateway:\n  api:\n    enabled: yes\n",
        "gateway:\n  api:\n    auth: hunter2\n",
        "gateway:\n  api:\n    auth:\n      type: beerer\n",
        "gateway:\n  api:\n    auth:\n      secret: {a: b}\n",
        "gateway:\n  api:\n    auth:\n      secret:\n",
        "gateway:\n  api:\n    auth:\n      secret: \"\"\n",
        "gateway:\n  api:\n    auth:\n      secret: ${EMPTY}\n",
        "gateway:\n  api:\n    auth:\n      secret: ${NOPE}\nmodels:\n  default: ${MODEL}\n",
        "gateway:\n  api:\n    auth:\n      secret: hunter2\n",
        "gateway:\n  api:\n    auth:\n      secret: ${NULL}\n",
        "gateway:\n  api:\n    port: 1\n    host: a\n    port: 2\n",
        "gateway:\n\tapi:\n\t\tport: 1\n",
        "gateway:\n  api: {port: 1\n",
        "a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\nf: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]\n",
        "a: *b\n",
        "a: &a [*a]\n",
        "gateway: {}\n---\ngateway: {}\n",
        "webhooks:\n  endpoints:\n    - url: https://oapi.dingtalk.com/robot/send?access_token=abc\n      events: [message.recieved, zzz]\n",
        "webhooks:\n  endpoints:\n    - url: ftp://a.com/token\n      events: [message.recieved, zzzzz]\n      secret: [\"\", ${API_SECRET}, oc_api_sk_x]\ngateway: {api: {auth: {secret: \"${API_SECRET}\"}}}\n",
        "gateway:\n  api:\n    cors:\n      enabled: true\n",
        "gateway:\n  api:\n    cors:\n      enabled: true\n      origins:\n        - https://a.com/\n    body_bytes_max: 3\n    rate_limit:\n      burst: 0\n",
        "storage:\n  url: postgres://a\n  readers: 65\nlogging:\n  level: infoo\n",
        "models:\n  default: \"\"\n  aliases: {a: b, b: a}\nproviders:\n  x/y:\n    base_url: localhost:11434\n    api_key: \"a b\"\n",
        "just text",
        "- a\n",
        "gateway:\n  api:\n    host: \u{1b}[31mlocalhost:3000\n",
        "secret: hunter2\n bad: [\n",
        "gateway:\n  api:\n    secret: hunter2\n    key: - x\n",
        "gateway: !include x\n",
        "? [a, b]\n: c\n",
        "gateway:\n  api:\n    port: ${PORT-1}\n",
    ] {
        println!("=====\n{yaml}-----\n{}", refusal(yaml));
    }
}
