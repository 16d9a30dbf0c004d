// Signs and judges with npm's `jose`: a request a line comes in, an answer a line goes out.

import { createInterface } from 'node:readline';
import * as jose from 'jose';

const octets = (text) => jose.base64url.decode(text);

async function keys({ jwks, pem, secret }, algorithm) {
  if (secret !== undefined) return octets(secret);
  if (pem !== undefined) return jose.importSPKI(pem, algorithm);
  return jose.createLocalJWKSet(JSON.parse(jwks));
}

const requests = {
  async sign({ header, claims, jwk, secret }) {
    const key = secret === undefined ? await jose.importJWK(jwk, header.alg) : octets(secret);
    return new jose.SignJWT(claims).setProtectedHeader(header).sign(key);
  },
  async judge({ token, keySet, algorithms, issuer, audience, typ, leeway, now, requiredClaims }) {
    try {
      const found = await keys(keySet, jose.decodeProtectedHeader(token).alg);
      const currentDate = new Date(now * 1000);
      const clockTolerance = leeway;
      await jose.jwtVerify(token, found, { algorithms, issuer, audience, typ, clockTolerance, currentDate, requiredClaims });
      return 'accepted';
    } catch {
      return 'refused';
    }
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { method, ...request } = JSON.parse(line);
  console.log(JSON.stringify(await requests[method](request)));
}
