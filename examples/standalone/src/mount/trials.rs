use super::model::Mount;
use crate::error_chain::chain;
use crate::failure::Failure;
use crate::trial::Trial;

/// The trials of key servers, identity providers and stores of sessions.
pub(crate) fn trials_of_gates(mounts: &[Mount]) -> Vec<Trial> {
    let mut trials = Vec::new();
    for mount in mounts {
        let path = &mount.path;
        for keys in mount.gates.read.keys.clone() {
            let what = format!("the keys of an issuer for {path}");
            let answer = async move { keys.fetch().await.map_err(|error| chain(&error)) };
            trials.push(Trial::new(what, answer));
        }
        let Some(people) = &mount.people else {
            continue;
        };
        let provider = people.provider.clone();
        let answer = async move { provider.fetch().await.map_err(|error| chain(&error)) };
        trials.push(Trial::new(format!("the provider for {path}"), answer));
        if let Some(redis) = people.redis.clone() {
            let answer = async move {
                match redis.is_cluster().await {
                    Ok(false) => Ok(()),
                    Ok(true) => Err(IS_CLUSTER.to_owned()),
                    Err(error) => Err(chain(&error)),
                }
            };
            trials.push(Trial::new(format!("Redis for {path}"), answer));
        }
    }
    trials
}

/// Refuses a Redis in which most sessions would be kept by other servers. One that does not answer may be up
/// later.
pub(crate) async fn refuse_clusters(mounts: &[Mount]) -> Result<(), Failure> {
    for mount in mounts {
        let redis = mount
            .people
            .as_ref()
            .and_then(|people| people.redis.clone());
        if let Some(redis) = redis
            && matches!(redis.is_cluster().await, Ok(true))
        {
            let path = &mount.path;
            return Err(Failure::usage(format!("Redis for {path}: {IS_CLUSTER}")));
        }
    }
    Ok(())
}

/// Names the settings of a file and of the environment.
const IS_CLUSTER: &str = "is in cluster mode, which is not supported: let REDIS_ENDPOINT or redis_url_env name a \
                          server outside of a cluster";
