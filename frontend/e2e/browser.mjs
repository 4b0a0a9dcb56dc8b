// What all stories share: a browser, a clean visitor, and somebody signed in.
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';

const flags = [
	'--headless',
	'--no-sandbox',
	'--disable-gpu',
	'--disable-quic',
	'--no-first-run',
	'--disable-background-networking',
	'--disable-component-update',
	'--disable-sync'
];

/** The server under test. Passkeys need the name localhost, not its number. */
export const base = need('DRYSTONE_URL');

function need(name) {
	const value = process.env[name];
	if (!value) throw new Error(`${name} must hold the address of a running server`);
	if (new URL(value).hostname === '127.0.0.1') throw new Error(`${name}: use localhost, or passkeys refuse`);
	return value.replace(/\/$/, '');
}

/** A name nobody had before, also when the tests run twice on one database. */
export const fresh = (stem) => `${stem}${Date.now().toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`;

export const password = 'correct horse battery staple';

let chrome;

/** Opens a browser around the stories of a file. */
export function withBrowser() {
	before(async () => {
		chrome = await chromium.launch({
			executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
			args: flags
		});
	});
	after(() => chrome?.close());
}

/**
 * A visitor with no past. Until the app has mounted, the server's rendering
 * stands in its place: stories that press keys look for rows inside #app. What
 * the page complains about fails the story.
 */
export async function visitor(options = {}) {
	const context = await chrome.newContext({
		baseURL: base,
		viewport: { width: 1280, height: 900 },
		...options
	});
	context.setDefaultTimeout(10_000);
	const page = await context.newPage();
	page.errors = [];
	page.on('pageerror', (error) => page.errors.push(error.stack ?? String(error)));
	return page;
}

/** A device that keeps passkeys and says yes. */
export async function authenticator(page) {
	const cdp = await page.context().newCDPSession(page);
	await cdp.send('WebAuthn.enable', { enableUI: false });
	const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
		options: {
			protocol: 'ctap2',
			transport: 'internal',
			hasResidentKey: true,
			hasUserVerification: true,
			isUserVerified: true,
			automaticPresenceSimulation: true
		}
	});
	return {
		recognise: (yes) =>
			cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: yes })
	};
}

/** Passkeys only when asked for: the name field's own offer would be faster than a click. */
export const withoutAutofill = (page) =>
	page.addInitScript(() => {
		PublicKeyCredential.isConditionalMediationAvailable = async () => false;
	});

export async function joinWithPassword(page, name) {
	await page.goto('/join');
	await page.getByRole('button', { name: 'Use a password instead' }).click();
	await page.getByLabel('Name', { exact: true }).fill(name);
	await page.getByLabel('Password', { exact: true }).fill(password);
	await page.getByRole('button', { name: 'Join', exact: true }).click();
	await signedIn(page, name);
}

export async function signIn(page, name, word) {
	await page.goto('/login');
	await page.locator('#app').getByLabel('Name', { exact: true }).fill(name);
	await page.getByLabel('Password', { exact: true }).fill(word);
	await page.getByRole('button', { name: 'Sign in with a password' }).click();
	await signedIn(page, name);
}

/** Waits until the page knows who is there; if it does not, says what it says instead. */
export async function signedIn(page, name) {
	await page.locator(`.topacts a[href="/u/${name}"]`).waitFor({ state: 'attached' }).catch(async (error) => {
		const said = await page.locator('main [role=alert], .field-error, dialog, [role=status]').allTextContents();
		throw new Error(`${name} is not signed in at ${page.url()}, which says: ${said.join(' | ')}`, { cause: error });
	});
}

export async function signOut(page) {
	await page.goto('/settings');
	await page.getByRole('button', { name: 'Sign out', exact: true }).click();
	await page.locator('.topacts').getByRole('link', { name: 'Sign in' }).waitFor();
}

/** Calls the API as whoever is signed in on the page. */
export async function api(page, method, path, body) {
	const response = await page.request.fetch(`/api/v1${path}`, {
		method,
		headers: { 'Sec-Fetch-Site': 'same-origin' },
		...(body ? { data: body } : {})
	});
	if (!response.ok()) throw new Error(`${method} ${path}: ${response.status()} ${await response.text()}`);
	return response.status() === 204 ? undefined : response.json();
}

/** Tries again for a while what the server does a little later. */
export async function eventually(check, patience = 5000) {
	const end = Date.now() + patience;
	for (;;) {
		try {
			return await check();
		} catch (error) {
			if (Date.now() > end) throw error;
			await new Promise((later) => setTimeout(later, 300));
		}
	}
}
