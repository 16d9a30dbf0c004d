//! real servers: to come
