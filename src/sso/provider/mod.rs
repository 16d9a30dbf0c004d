//! Providers: who vouches for people.
