//! Cloud Foundry's `VCAP_SERVICES`. A Redis URL is found among any other services; any other JSON is
//! read as a slow twin reads it; and no error repeats its contents.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use portcullis::session::vcap_services_url;
use serde_json::{Value, json};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    text: &'a str,
    uri: &'a str,
    beside: Vec<&'a str>,
}

fuzz_target!(|input: Input<'_>| {
    let found = vcap_services_url(input.text);
    let expected = twin(input.text);
    match &found {
        Ok(url) => assert_eq!(Some(url.expose()), expected.as_deref()),
        Err(error) => {
            assert_eq!(expected, None);
            let told = error.to_string();
            let known = ["is not JSON", "service `redis`"];
            assert!(known.iter().any(|known| told.ends_with(known)), "{told}");
        }
    }

    let mut credentials = json!({});
    let mut services = json!({});
    for name in input.beside {
        credentials[name] = Value::from(name);
        services[name] = json!([name]);
    }
    credentials["uri"] = Value::from(input.uri);
    services["redis"] = json!([{ "credentials": credentials }, {}]);
    let url = vcap_services_url(&services.to_string()).expect("it is there");
    assert_eq!(url.expose(), input.uri);
});

fn twin(text: &str) -> Option<String> {
    let Ok(Value::Object(services)) = serde_json::from_str(text) else {
        return None;
    };
    for (name, bound) in services {
        if let ("redis", Value::Array(bound)) = (&*name, bound)
            && let Some(Value::Object(service)) = bound.into_iter().next()
        {
            for (name, credentials) in service {
                if let ("credentials", Value::Object(mut credentials)) = (&*name, credentials)
                    && let Some(Value::String(uri)) = credentials.remove("uri")
                {
                    return Some(uri);
                }
            }
        }
    }
    None
}
