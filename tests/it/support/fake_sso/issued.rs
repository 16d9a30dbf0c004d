use std::collections::{HashMap, HashSet};

/// The issued codes and tokens.
#[derive(Default)]
pub(super) struct Issued {
    count: u64,
    codes: HashMap<String, Code>,
    /// The sign-in and the expiry, in seconds since 1970.
    access_tokens: HashMap<String, (u64, u64)>,
    refresh_tokens: HashMap<String, Refresh>,
    sign_ins: HashMap<u64, SignIn>,
    pub(super) id_tokens: HashSet<String>,
}

struct Code {
    authorized: Authorized,
    until: u64,
    /// The sign-in that spent the code.
    redeemed: Option<u64>,
}

/// The authorization that a code stands for.
#[derive(Clone)]
pub(super) struct Authorized {
    pub(super) redirect_uri: String,
    pub(super) challenge: String,
    pub(super) scope: String,
    pub(super) nonce: Option<String>,
}

struct Refresh {
    sign_in: u64,
    is_spent: bool,
}

#[derive(Clone)]
struct SignIn {
    scope: String,
}

/// Tokens of one sign-in.
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: String,
}

impl Issued {
    pub(super) fn code(&mut self, authorized: Authorized, until: u64) -> String {
        let code = self.name("code");
        let entry = Code {
            authorized,
            until,
            redeemed: None,
        };
        self.codes.insert(code.clone(), entry);
        code
    }

    /// Spends a code if it `fits`. A repeated code revokes its tokens (RFC 6749 section 4.1.2).
    pub(super) fn redeem(
        &mut self,
        code: &str,
        now: u64,
        fits: impl FnOnce(&Authorized) -> bool,
    ) -> Option<(u64, Authorized)> {
        self.count += 1;
        let sign_in = self.count;
        let code = self.codes.get_mut(code)?;
        if let Some(earlier) = code.redeemed {
            self.sign_ins.remove(&earlier);
            return None;
        }
        code.redeemed = Some(sign_in);
        let authorized = code.authorized.clone();
        if now >= code.until || !fits(&authorized) {
            return None;
        }
        let scope = authorized.scope.clone();
        self.sign_ins.insert(sign_in, SignIn { scope });
        Some((sign_in, authorized))
    }

    /// Spends a refresh token. A repeated one revokes its sign-in (RFC 9700 section 4.14.2), unless that is
    /// kept.
    pub(super) fn refresh(&mut self, token: &str, keeps_replayed: bool) -> Option<(u64, String)> {
        let refresh = self.refresh_tokens.get_mut(token)?;
        if refresh.is_spent {
            if !keeps_replayed {
                self.sign_ins.remove(&refresh.sign_in);
            }
            return None;
        }
        refresh.is_spent = true;
        let sign_in = self.sign_ins.get(&refresh.sign_in)?;
        Some((refresh.sign_in, sign_in.scope.clone()))
    }

    pub(super) fn tokens(&mut self, sign_in: u64, until: u64) -> Tokens {
        let [access, refresh] = ["access", "refresh"].map(|kind| self.name(kind));
        self.access_tokens.insert(access.clone(), (sign_in, until));
        let entry = Refresh {
            sign_in,
            is_spent: false,
        };
        self.refresh_tokens.insert(refresh.clone(), entry);
        Tokens { access, refresh }
    }

    pub(super) fn is_good(&self, access_token: &str, now: u64) -> bool {
        let token = self.access_tokens.get(access_token);
        token.is_some_and(|(sign_in, until)| now < *until && self.sign_ins.contains_key(sign_in))
    }

    pub(super) fn revoke_all(&mut self) {
        self.sign_ins.clear();
    }

    fn name(&mut self, kind: &str) -> String {
        self.count += 1;
        format!("{kind}-token.{}~s3cret", self.count)
    }
}
