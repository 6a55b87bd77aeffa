//! The OpenAPI document, held against what the server answers.

use dalaba::wire;
use serde_json::Value;

use super::office::{Office, envelope};
use super::village::Answer;
use super::village::{Log, enrolled};

fn document() -> Value {
    serde_json::from_str(dalaba::county::server::OPENAPI).unwrap()
}

/// Follows `$ref`.
fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(path) => document.pointer(path.trim_start_matches('#')).unwrap_or_else(|| panic!("{path}")),
        None => schema,
    }
}

/// Lists what in `value` is not as `schema` says.
fn faults(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    let schema = resolved(document, schema);
    if let Some(choices) = schema["oneOf"].as_array() {
        let fits = |choice: &&Value| faults(document, choice, value, at).is_empty();
        return if choices.iter().any(|choice| fits(&choice)) {
            vec![]
        } else {
            vec![format!("{at}: {value}")]
        };
    }
    let right = match schema["type"].as_str().unwrap_or_else(|| panic!("{at}: {schema}")) {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other}"),
    };
    if !right {
        return vec![format!("{at}: {value}")];
    }
    let mut found = Vec::new();
    for item in value.as_array().into_iter().flatten() {
        found.extend(faults(document, &schema["items"], item, at));
    }
    for (name, inner) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(schema) => found.extend(faults(document, schema, inner, &format!("{at}.{name}"))),
            None if schema["additionalProperties"] == true => {}
            None => found.push(format!("{at}.{name} is not in the document")),
        }
    }
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    found.extend(
        required.filter(|name| value.get(name).is_none()).map(|name| format!("{at}.{name} is missing")),
    );
    found
}

/// Holds an answer against what the document says of it.
fn answers(method: &str, path: &str, answer: &Answer) {
    let document = document();
    let told = &document["paths"][path][method]["responses"][answer.status.to_string()];
    assert!(told.is_object(), "{method} {path} {}: {}", answer.status, answer.text());
    let told = resolved(&document, told);
    let Some(content) = told["content"].as_object() else {
        return assert_eq!(answer.text(), "", "{method} {path} {}", answer.status);
    };
    let kind = answer.header("content-type");
    let schema = &content.get(kind).unwrap_or_else(|| panic!("{method} {path}: {kind}"))["schema"];
    if kind == "application/json" {
        assert_eq!(faults(&document, schema, &answer.json(), path), Vec::<String>::new());
    }
}

#[test]
fn every_route_of_the_wire_is_in_the_document() {
    let document = document();
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    let routes = [
        wire::ENROL,
        wire::OFFERS,
        wire::ROOTS,
        wire::BUNDLES,
        wire::FILES,
        wire::ALERTS,
        wire::AS_RUN,
        wire::RECEIPTS,
        wire::HEALTH,
        wire::OPENAPI,
    ];
    for route in routes {
        assert!(paths.iter().any(|path| path.starts_with(route)), "{route}");
    }
    assert_eq!(paths.len(), 13);
}

#[test]
fn every_route_answers_as_the_document_says() {
    let office = Office::new();
    let server = office.serve(&[]);
    let stranger = server.stranger();
    let code = office.code("赵家庄").parse().unwrap();
    let request = super::village::request(&code, &["赵家庄\t河东"]);
    answers("post", "/v1/enrol", &stranger.send("/v1/enrol", &request));
    answers("post", "/v1/enrol", &stranger.send("/v1/enrol", &request));
    answers("post", "/v1/enrol", &stranger.post("/v1/enrol", b"{"));
    let village = enrolled(&office, &server);
    let bundle = office.publish("*");
    answers("post", "/v1/bundles", &server.take(b"{}\n"));
    answers("post", "/v1/bundles", &server.take(&bundle));
    answers("post", "/v1/bundles", &server.take(&bundle));
    let log = Log::of(3);
    answers("post", "/v1/as-run", &village.send("/v1/as-run", &log.batch(2, 3)));
    answers("post", "/v1/as-run", &village.send("/v1/as-run", &log.batch(0, 3)));
    super::poll::until("the bundle on offer", super::office::SOON, || {
        village.poll("", 0).text().contains("春运").then_some(())
    });
    let offers = village.poll("", 0);
    answers("get", "/v1/offers", &offers);
    answers("get", "/v1/offers", &village.poll(offers.header("etag"), 0));
    answers("get", "/v1/offers", &stranger.poll("", 0));
    answers("get", "/v1/roots/{version}", &village.get("/v1/roots/1", &[]));
    answers("get", "/v1/roots/{version}", &village.get("/v1/roots/9", &[]));
    answers("post", "/v1/roots", &stranger.post("/v1/roots", b"{}"));
    let payload = envelope(&bundle).1;
    answers("get", "/v1/bundles/{payload}", &village.get(&format!("/v1/bundles/{payload}"), &[]));
    let recording = std::fs::read(office.path("campaign/audio/helmet.mp3")).unwrap();
    let file = format!("/v1/files/{}", dalaba::model::Digest::of(&recording));
    answers("get", "/v1/files/{sha256}", &village.get(&file, &[]));
    answers("get", "/v1/files/{sha256}", &village.get(&file, &[("Range", "bytes=1-2")]));
    answers("get", "/v1/files/{sha256}", &village.get(&file, &[("Range", "bytes=99999999-")]));
    answers("post", "/v1/alerts", &stranger.post("/v1/alerts", b"{}"));
    answers("post", "/v1/receipts", &village.post("/v1/receipts", br#"{"receipts":[]}"#));
    let health =
        br#"{"at":"2026-11-23T04:00:00Z","clock_trusted":true,"version":"0.1.0","run":1,"disk_free":null,
        "newest":1,"journal_ok":true,"campaigns":[],"stations":[]}"#;
    answers("post", "/v1/health", &village.post("/v1/health", health));
    answers("get", "/v1/openapi.json", &stranger.get("/v1/openapi.json", &[]));
    answers("get", "/healthz", &stranger.get("/healthz", &[]));
    assert_eq!(stranger.post("/v1/offers", b"").refusal(), (405, "method_not_allowed".to_owned()));
    assert_eq!(stranger.get("/v2", &[]).refusal(), (404, "not_found".to_owned()));
}
