// Drives a headless Chromium, from PATH: drive.mjs SCENARIO GATEWAY PROVIDER SITE. The last three are
// origins: the gateway, npm's oidc-provider, and a public site with images of the gateway.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";

// By NODE_PATH, which `import` does not heed.
const { chromium } = createRequire(import.meta.url)("playwright-core");

const [scenario, gateway, provider, site] = process.argv.slice(2);
const ALICE = "alice@example.com";
const MALLORY = "mallory@evil.example";
const IMAGES = 30;

/** Signs in at the provider's pages, which the tab is sent to, and comes back. */
async function signIn(tab, name = ALICE) {
  await tab.waitForURL((url) => url.origin === provider);
  await tab.fill("input[name=login]", name);
  await tab.fill("input[name=password]", "any");
  await Promise.all([tab.waitForNavigation(), tab.click("button")]);
  // Whoever has signed in once is not asked for consent again.
  if (new URL(tab.url()).origin === provider) await tab.click("button");
  await tab.waitForURL((url) => url.origin === gateway);
}

/** The gateway's cookies, without that of the last ten minutes' sign-ins. */
async function sessions(browser) {
  const cookies = await browser.cookies(gateway);
  const logins = cookies.filter((cookie) => cookie.name.includes("-login"));
  assert.ok(logins.length <= 1, `${logins.length} login cookies`);
  return cookies.filter((cookie) => !logins.includes(cookie));
}

/** Their names. */
async function cookies(browser) {
  return (await sessions(browser)).map((cookie) => cookie.name).sort();
}

async function loaded(tab) {
  const images = `[...document.images].filter((image) => image.complete && image.naturalWidth > 0).length`;
  await tab.waitForFunction(`[...document.images].every((image) => image.complete)`);
  return tab.evaluate(images);
}

const scenarios = {
  async "sign-in"(browser) {
    const tab = await browser.newPage();
    let callback;
    tab.on("request", (request) => {
      if (request.url().startsWith(`${gateway}/oauth2/callback`)) callback = request.url();
    });
    await tab.goto(`${gateway}/page.html?a=b%2F`);
    await signIn(tab);
    assert.equal(tab.url(), `${gateway}/page.html?a=b%2F`);
    assert.equal(await tab.textContent("h1"), "A page");
    assert.equal(await tab.evaluate("document.cookie"), "");
    const [cookie, ...more] = await sessions(browser);
    assert.deepEqual(more, []);
    assert.equal(cookie.name, "__Host-portcullis");
    assert.deepEqual([cookie.httpOnly, cookie.secure, cookie.sameSite], [true, true, "Lax"]);

    // The way back in the history leads to the page as well, and not to a second sign-in.
    await tab.goto(callback);
    assert.equal(tab.url(), `${gateway}/page.html?a=b%2F`);
    const stranger = await (await newBrowser()).newPage();
    assert.equal((await stranger.goto(callback)).status(), 403);
    assert.match(await stranger.textContent("main"), /Please try the original link again/);
    await stranger.click("a");
    await signIn(stranger);
    assert.equal(stranger.url(), `${gateway}/page.html?a=b%2F`);
  },

  async "sign-out"(browser) {
    const tab = await browser.newPage();
    await tab.goto(`${gateway}/page.html`);
    await signIn(tab);
    await tab.goto(`${gateway}/oauth2/logout`);
    await tab.click("button");
    await tab.click("button:has-text('Yes')");
    await tab.waitForURL((url) => url.origin === gateway);
    assert.equal(await tab.textContent("h1"), "You are signed out");
    assert.deepEqual(await cookies(browser), []);
    await tab.goto(`${gateway}/page.html`);
    await signIn(tab);
    assert.equal(tab.url(), `${gateway}/page.html`);
  },

  async "images-of-another-site"(browser) {
    await atTheProvider(browser);
    const tab = await browser.newPage();
    await tab.goto(`${site}/`);
    assert.equal(await loaded(tab), IMAGES);
    assert.deepEqual(await cookies(browser), ["__Host-portcullis"]);
  },

  async "images-without-cookies"(browser) {
    await atTheProvider(browser);
    const tab = await browser.newPage();
    await tab.goto(`${site}/`);
    assert.equal(await loaded(tab), 0);
    assert.deepEqual(await cookies(browser), []);
  },

  async "images-of-its-own"(browser) {
    const tab = await atTheProvider(browser);
    await tab.evaluate(`for (let i = 0; i < ${IMAGES}; i++) {
      document.body.append(Object.assign(new Image(), { src: "/image-" + i + ".svg" }));
    }`);
    assert.equal(await loaded(tab), IMAGES);
    assert.deepEqual(await cookies(browser), ["__Host-portcullis"]);
  },

  async "two-tabs"(browser) {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      await browser.clearCookies();
      const pages = [`${gateway}/page.html?0`, `${gateway}/page.html?1`];
      const tabs = [await browser.newPage(), await browser.newPage()];
      for (const i of [0, 1]) await tabs[i].goto(pages[i]);
      for (const i of order) {
        await signIn(tabs[i]);
        assert.equal(tabs[i].url(), pages[i]);
      }
      assert.deepEqual(await cookies(browser), ["__Host-portcullis"]);
    }
  },

  async video(browser) {
    const tab = await atTheProvider(browser);
    const statuses = [];
    tab.on("response", (response) => {
      if (response.url() === `${gateway}/tone.wav`) statuses.push(response.status());
    });
    const end = await tab.evaluate(`new Promise((resolve, reject) => {
      const video = Object.assign(document.createElement("video"), { src: "/tone.wav" });
      video.onerror = () => reject(video.error.message);
      video.onloadedmetadata = () => { video.currentTime = video.duration - 1; };
      video.onseeked = () => resolve(video.duration);
      document.body.append(video);
    })`);
    assert.equal(Math.round(end), 300);
    assert.equal(statuses[0], 302);
    assert.ok(statuses.length > 2 && statuses.slice(1).every((status) => status === 206), `${statuses}`);
  },

  async denial(browser) {
    const tab = await browser.newPage();
    await tab.goto(`${gateway}/page.html`);
    await tab.click("a:has-text('Cancel')");
    await tab.waitForURL((url) => url.origin === gateway);
    assert.equal(await tab.textContent("h1"), "You were not signed in");
    assert.match(await tab.textContent("main"), /access_denied/);
    assert.deepEqual(await cookies(browser), []);
    await tab.click("a");
    await signIn(tab, MALLORY);
    assert.equal(await tab.textContent("h1"), "You do not have access");
    assert.deepEqual(await cookies(browser), []);
  },
};

/** A tab that shows a page of the gateway, in a browser that only the provider still knows. */
async function atTheProvider(browser) {
  const tab = await browser.newPage();
  await tab.goto(`${gateway}/page.html`);
  await signIn(tab);
  await browser.clearCookies({ domain: new URL(gateway).hostname });
  assert.deepEqual(await cookies(browser), []);
  return tab;
}

const executablePath = execFileSync("/bin/sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
const program = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
// The gateway's certificate is its own.
const newBrowser = () => program.newContext({ ignoreHTTPSErrors: true });
try {
  await scenarios[scenario](await newBrowser());
} finally {
  await program.close();
}
