use super::issued::Authorized;
use super::{CLIENT, FakeSso, parameters};

impl FakeSso {
    /// Plays the browser that is redirected here, and the person, who consents unless a switch says
    /// otherwise. Returns the URL that the browser is sent to next.
    ///
    /// Panics if a provider would show an error that the gateway has caused.
    pub(crate) fn authorize(&self, location: &str) -> String {
        let issuer = self.issuer();
        let rest = location.strip_prefix(&issuer).expect(location);
        let (path, query) = rest.split_once('?').expect(location);
        assert_eq!(path, self.authorization_path(), "{location}");
        self.authorized(query).expect(location)
    }

    /// The same for a sign-out at the provider. `None` if the browser stays there.
    pub(crate) fn sign_out(&self, location: &str) -> Option<String> {
        let issuer = self.issuer();
        let rest = location.strip_prefix(&issuer).expect(location);
        let query = rest.strip_prefix("/logout?").expect(location);
        self.signed_out(query).expect(location)
    }

    pub(super) fn authorization_path(&self) -> &'static str {
        if self.is_openid {
            "/authorize"
        } else {
            "/o/authorize/"
        }
    }

    pub(super) fn authorized(&self, query: &str) -> Result<String, &'static str> {
        const KNOWN: [&str; 8] = [
            "scope",
            "state",
            "redirect_uri",
            "response_type",
            "client_id",
            "nonce",
            "code_challenge",
            "code_challenge_method",
        ];
        let found = parameters(query).ok_or("a parameter occurs twice")?;
        if found.keys().any(|name| !KNOWN.contains(&name.as_str())) {
            return Err("a parameter is not known");
        }
        let member = |name| found.get(name).map_or("", String::as_str);
        if member("client_id") != CLIENT {
            return Err("the client is not known");
        }
        let redirect_uri = member("redirect_uri").to_owned();
        if !self.switches().redirect_uris.contains(&redirect_uri) {
            return Err("the redirect URI is not registered");
        }
        let (scopes, challenge) = (member("scope"), member("code_challenge"));
        let (known, least): (&[_], _) = if self.is_openid {
            (&["openid", "email", "profile", "groups"], "openid")
        } else {
            (&["read", "write"], "read")
        };
        if !scopes.split(' ').all(|scope| known.contains(&scope)) || !scopes.starts_with(least) {
            return Err("the scope is wrong");
        }
        if member("response_type") != "code" || member("state").is_empty() {
            return Err("response_type is not code, or there is no state");
        }
        if member("code_challenge_method") != "S256" || challenge.len() != 43 {
            return Err("there is no PKCE by S256");
        }
        if self.is_openid != (member("nonce").len() >= 22) {
            return Err("a nonce is missing or unexpected");
        }
        let authorized = Authorized {
            redirect_uri,
            challenge: challenge.to_owned(),
            scope: scopes.to_owned(),
            nonce: found.get("nonce").cloned(),
        };
        Ok(self.callback(authorized, member("state")))
    }

    fn callback(&self, authorized: Authorized, state: &str) -> String {
        let callback = authorized.redirect_uri.clone();
        let start = callback.len() + 1;
        let mut query = form_urlencoded::Serializer::for_suffix(format!("{callback}?"), start);
        let switches = self.switches();
        if let Some(error) = &switches.denial {
            query.append_pair("error", error);
            query.append_pair("error_description", "<b>no</b>");
        } else {
            let code = self
                .issued
                .lock()
                .unwrap()
                .code(authorized, self.now() + 60);
            query.append_pair("code", &code);
        }
        query.append_pair("state", state);
        if let Some(iss) = &switches.iss {
            query.append_pair("iss", iss);
        }
        query.finish()
    }

    pub(super) fn signed_out(&self, query: &str) -> Result<Option<String>, &'static str> {
        let found = parameters(query).ok_or("a parameter occurs twice")?;
        if found.get("client_id").is_none_or(|id| id != CLIENT) {
            return Err("the client is not known");
        }
        if let Some(hint) = found.get("id_token_hint")
            && !self.issued.lock().unwrap().id_tokens.contains(hint)
        {
            return Err("the hint is not an ID token of this provider");
        }
        let to = found.get("post_logout_redirect_uri").cloned();
        let registered = &self.switches().post_logout_redirect_uris;
        if to.as_ref().is_some_and(|to| !registered.contains(to)) {
            return Err("the redirect URI is not registered");
        }
        self.revoke_all();
        Ok(to)
    }
}
