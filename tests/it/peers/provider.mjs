// Starts npm's oidc-provider: provider.mjs PORT KID. It makes a key of this name, and gives out access
// tokens of RFC 9068 by client credentials, for the resource that is asked for.

import { generateKeyPairSync } from "node:crypto";
import { createRequire } from "node:module";

// By NODE_PATH, which `import` does not heed.
const installed = createRequire(import.meta.url).resolve("oidc-provider");
const { default: Provider } = await import(installed);

const [port, kid] = process.argv.slice(2);
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const key = { ...privateKey.export({ format: "jwk" }), kid, use: "sig", alg: "ES256" };

const provider = new Provider(`http://127.0.0.1:${port}`, {
  jwks: { keys: [key] },
  clients: [
    {
      client_id: "ci",
      client_secret: "peer-secret",
      grant_types: ["client_credentials"],
      id_token_signed_response_alg: "ES256",
      redirect_uris: [],
      response_types: [],
    },
  ],
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_context, resource) => ({
        scope: "packages:read packages:write",
        audience: resource,
        accessTokenFormat: "jwt",
        jwt: { sign: { alg: "ES256" } },
      }),
    },
  },
});
provider.listen(Number(port), "127.0.0.1");
