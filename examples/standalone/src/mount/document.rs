use clap::{ArgAction, Args};

use crate::gates::{basic, jwt, sso, tokens};
use crate::given::{Document as _, Finder, Given, Source, Switch, document};
use crate::leaf::{Table, s3};

document! {
    /// One of `[[mounts]]`.
    pub(crate) struct MountDocument {
        pub(crate) path: Option<Given>,
        pub(super) public: Vec<Given>,
        pub(super) response_headers: Vec<Given>,
        pub(super) cors_origins: Vec<Given>,
        pub(super) insecure_no_auth: Switch,
        pub(super) basic: Option<Given<basic::Document>>,
        pub(super) tokens: Option<Given<tokens::Document>>,
        pub(super) jwt: Option<Given<jwt::Document>>,
        pub(super) sso: Option<Given<sso::Document>>,
        s3: Option<Given<s3::Document>>,
    }
}

impl MountDocument {
    /// The tables of its leaf. Exactly one is needed.
    pub(crate) fn leaves(&self) -> Vec<Table<'_>> {
        let leaves = [self.s3.as_ref().map(Table::S3)];
        leaves.into_iter().flatten().collect()
    }

    /// The files that decide who may read.
    pub(crate) fn files(&self) -> Vec<&Given> {
        let basic = self.basic.iter().flat_map(|it| it.value.files());
        let tokens = self.tokens.iter().flat_map(|it| &it.value.file);
        let jwt = self.jwt.iter().flat_map(|it| it.value.files());
        let sso = self.sso.iter().flat_map(|it| it.value.files());
        let leaves = self.leaves().into_iter().flat_map(|it| it.files());
        let gates = basic.chain(tokens).chain(jwt).chain(sso);
        gates.chain(leaves).collect()
    }

    /// Whether its gate for JSON Web Tokens comes from variables.
    pub(crate) fn has_jwt_of_variables(&self) -> bool {
        let jwt = self.jwt.as_ref();
        jwt.is_some_and(|jwt| !jwt.source.is_file())
    }

    /// Whether its sign-in of people is read from this variable.
    pub(crate) fn signs_in_by(&self, name: &str) -> bool {
        let sso = self.sso.as_ref();
        sso.is_some_and(|sso| sso.value.reads(name))
    }
}

/// The items of a list, each with the source of all.
fn each(list: Given<Vec<String>>) -> Vec<Given> {
    let items = list.value.into_iter();
    let items = items.map(|value| Given {
        value,
        source: list.source.clone(),
    });
    items.collect()
}

document! {
    /// The flags of the one mount at the root, which is a bucket.
    #[derive(Args)]
    #[group(skip)]
    pub(crate) struct Flags {
        #[command(flatten)]
        s3: s3::Document,
        #[command(flatten)]
        basic: basic::Document,
        #[command(flatten)]
        tokens: tokens::Document,
        #[command(flatten)]
        jwt: jwt::Flags,
        /// Admits everyone who can reach the address. Refused if there is a way to sign in.
        #[arg(long, action = ArgAction::SetTrue)]
        insecure_no_auth: Switch,
    }
}

impl Flags {
    /// The flags that are given.
    pub(crate) fn given(mut self) -> Vec<Source> {
        let mut given = Vec::new();
        self.each_source(&mut |source| given.push(source.clone()));
        given
    }

    /// The mount that the flags make with the variables.
    pub(crate) fn mount(mut self, finder: &mut Finder<'_>) -> MountDocument {
        let path = Source::Default("path");
        self.s3.read(finder);
        self.basic.read(finder);
        let jwt = jwt::of_variables(&self.jwt, finder);
        self.tokens.read(finder);
        let tokens = self.tokens.file.as_ref().map(|file| file.source.clone());
        MountDocument {
            path: Some(Given {
                value: String::from("/"),
                source: path.clone(),
            }),
            public: Vec::new(),
            response_headers: Vec::new(),
            cors_origins: finder.list("CORS_ORIGINS").map_or_else(Vec::new, each),
            insecure_no_auth: self.insecure_no_auth,
            basic: self.basic.source().cloned().map(|source| Given {
                value: self.basic,
                source,
            }),
            tokens: tokens.map(|source| Given {
                value: self.tokens,
                source,
            }),
            jwt,
            sso: sso::of_variables(finder),
            s3: Some(Given {
                value: self.s3,
                source: path,
            }),
        }
    }
}
