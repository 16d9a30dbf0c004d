// Starts npm's oidc-provider for people: provider.mjs PORT REDIRECT_URI POST_LOGOUT_REDIRECT_URI. Its pages
// take any name and password; the name is the e-mail address.

import { generateKeyPairSync } from "node:crypto";
import { createRequire } from "node:module";

// By NODE_PATH, which `import` does not heed.
const installed = createRequire(import.meta.url).resolve("oidc-provider");
const { default: Provider } = await import(installed);

const [port, redirectUri, postLogoutRedirectUri] = process.argv.slice(2);
const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const key = { ...privateKey.export({ format: "jwk" }), kid: "people", use: "sig", alg: "RS256" };

const provider = new Provider(`http://localhost:${port}`, {
  jwks: { keys: [key] },
  clients: [
    {
      client_id: "gateway",
      client_secret: "peer-secret",
      redirect_uris: [redirectUri],
      post_logout_redirect_uris: [postLogoutRedirectUri],
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  conformIdTokenClaims: false,
  // Images of other sites sign in where the provider knows the browser there too.
  cookies: { keys: ["peer"], long: { httpOnly: true, sameSite: "none" } },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: id, email: id, email_verified: true }),
  }),
});
// Browsers take `SameSite=None` with `Secure` alone, and that from localhost without TLS.
provider.use(async (context, next) => {
  await next();
  const cookies = [context.response.headers["set-cookie"] ?? []].flat();
  const secure = cookies.map((cookie) => cookie.replace("samesite=none", "samesite=none; secure"));
  context.set("set-cookie", secure);
});
provider.listen(Number(port), "127.0.0.1");
