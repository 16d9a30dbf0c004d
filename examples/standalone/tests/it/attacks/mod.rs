//! Attacks by one client beside a good one: trickled heads, answers that are not read, bursts of connections,
//! bodies that do not come. The good client is answered, and descriptors and memory come back.

mod attack;
mod bursts;
mod good;
mod hosts;
mod shares;
mod slow;
mod stops;
mod trickles;
mod unread;
mod unread_small;
