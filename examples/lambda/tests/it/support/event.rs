use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// What a client asks for, as the services before a function tell of it.
///
/// The events have the fields of those that AWS documents, less what nobody reads here.
#[derive(Clone)]
pub(crate) struct Event {
    method: &'static str,
    path: String,
    headers: Vec<(String, String)>,
}

impl Event {
    pub(crate) fn get(path: &str) -> Self {
        Self {
            method: "GET",
            path: path.to_owned(),
            headers: vec![(String::from("host"), String::from("gateway.example"))],
        }
    }

    pub(crate) fn head(path: &str) -> Self {
        Self {
            method: "HEAD",
            ..Self::get(path)
        }
    }

    /// Adds a line, beside those of the same name.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// From a Function URL.
    pub(crate) fn of_function_url(&self) -> String {
        self.version_2("abc.lambda-url.eu-west-1.on.aws", "$default")
    }

    /// From an HTTP API, payload format 2.0.
    pub(crate) fn of_http_api(&self) -> String {
        self.version_2("abc.execute-api.eu-west-1.amazonaws.com", "$default")
    }

    /// From a REST API.
    pub(crate) fn of_rest_api(&self) -> String {
        self.version_1().to_string()
    }

    /// From an HTTP API, payload format 1.0.
    pub(crate) fn of_http_api_1(&self) -> String {
        let mut event = self.version_1();
        event["version"] = json!("1.0");
        event.to_string()
    }

    /// From a load balancer.
    pub(crate) fn of_load_balancer(&self) -> String {
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/t/abc";
        json!({
            "requestContext": { "elb": { "targetGroupArn": arn } },
            "httpMethod": self.method,
            "path": self.path,
            "queryStringParameters": {},
            "headers": self.last_of_each(),
            "body": "",
            "isBase64Encoded": false,
        })
        .to_string()
    }

    fn version_2(&self, domain: &str, stage: &str) -> String {
        // Lines of one name come as one, with commas.
        let mut headers = serde_json::Map::new();
        for (name, value) in &self.headers {
            let line = headers.get(name).and_then(Value::as_str);
            let line = line.map_or_else(|| value.clone(), |line| format!("{line},{value}"));
            headers.insert(name.clone(), json!(line));
        }
        json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": self.path,
            "rawQueryString": "a=%zz<b>&c",
            "headers": headers,
            "requestContext": {
                "accountId": "anonymous",
                "apiId": "abc",
                "domainName": domain,
                "domainPrefix": "abc",
                "http": {
                    "method": self.method,
                    "path": self.path,
                    "protocol": "HTTP/1.1",
                    "sourceIp": "192.0.2.1",
                    "userAgent": "pip",
                },
                "requestId": "id",
                "routeKey": "$default",
                "stage": stage,
                "time": "22/Nov/2026:09:00:00 +0000",
                "timeEpoch": 1_795_338_000_000_u64,
            },
            "isBase64Encoded": false,
        })
        .to_string()
    }

    fn version_1(&self) -> Value {
        let mut lines = serde_json::Map::new();
        for (name, value) in &self.headers {
            let values = lines.entry(name.clone()).or_insert_with(|| json!([]));
            values.as_array_mut().unwrap().push(json!(value));
        }
        json!({
            "resource": "/{proxy+}",
            "path": self.path,
            "httpMethod": self.method,
            "headers": self.last_of_each(),
            "multiValueHeaders": lines,
            "queryStringParameters": { "a": "%zz<b>" },
            "multiValueQueryStringParameters": { "a": ["%zz<b>"] },
            "pathParameters": { "proxy": self.path },
            "stageVariables": null,
            "requestContext": {
                "accountId": "123456789012",
                "apiId": "abc",
                "authorizer": null,
                "domainName": "abc.execute-api.eu-west-1.amazonaws.com",
                "domainPrefix": "abc",
                "httpMethod": self.method,
                "identity": { "sourceIp": "192.0.2.1", "userAgent": "pip" },
                "path": format!("/live{}", self.path),
                "protocol": "HTTP/1.1",
                "requestId": "id",
                "requestTime": "22/Nov/2026:09:00:00 +0000",
                "requestTimeEpoch": 1_795_338_000_000_u64,
                "resourceId": "res",
                "resourcePath": "/{proxy+}",
                "stage": "live",
            },
            "body": null,
            "isBase64Encoded": false,
        })
    }

    fn last_of_each(&self) -> Value {
        let lines = self.headers.iter();
        lines
            .map(|(name, value)| (name.clone(), json!(value)))
            .collect()
    }
}

/// The value of `Authorization` for `user:password`.
pub(crate) fn basic(login: &str) -> String {
    format!("Basic {}", STANDARD.encode(login))
}
