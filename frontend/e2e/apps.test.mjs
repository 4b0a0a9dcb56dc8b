// An app that somebody else made: it sends people here, they are asked, and it
// gets what they said. The app is written here, and speaks OAuth by itself.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { barriers, overflow } from './barriers.mjs';
import { authenticator, base, fresh, joinWithPassword, password, signOut, visitor, withBrowser, withoutAutofill } from './browser.mjs';

withBrowser();

/** A small app: its own page, where people come back to, and what it was told there. */
async function pebble(t, { name = 'Pebble', method = 'none' } = {}) {
	const told = [];
	const server = createServer((request, response) => {
		const url = new URL(request.url, 'http://127.0.0.1');
		if (url.pathname === '/cb') told.push(Object.fromEntries(url.searchParams));
		response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>Pebble</title><h1>Back in the app</h1>');
	});
	await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
	t.after(() => server.close());
	const found = await (await fetch(`${base}/.well-known/oauth-authorization-server`)).json();
	assert.equal(found.issuer, base);
	// The port is free: the app does not know it when it registers.
	const redirect = `http://127.0.0.1:${server.address().port}/cb`;
	const registered = await (
		await fetch(found.registration_endpoint, {
			method: 'POST',
			headers: { 'Content-Type': 'application/json' },
			body: JSON.stringify({ client_name: name, redirect_uris: ['http://127.0.0.1/cb'], token_endpoint_auth_method: method })
		})
	).json();
	const ask = async (address, form) => {
		const response = await fetch(address, { method: 'POST', body: new URLSearchParams({ client_id: registered.client_id, ...form }) });
		return { status: response.status, ...(await response.json()) };
	};
	const app = {
		told,
		server,
		/** Where it sends people who want to sign in with it. */
		begin(scope, more = {}) {
			app.verifier = randomBytes(32).toString('base64url');
			app.state = randomBytes(16).toString('base64url');
			const query = new URLSearchParams({
				response_type: 'code',
				client_id: registered.client_id,
				redirect_uri: redirect,
				scope,
				state: app.state,
				code_challenge: createHash('sha256').update(app.verifier).digest('base64url'),
				code_challenge_method: 'S256',
				...more
			});
			return `${found.authorization_endpoint}?${query}`;
		},
		/** What came back last, after looking who says it. */
		answer() {
			const last = told.at(-1);
			assert.equal(last?.state, app.state);
			assert.equal(last.iss, found.issuer);
			return last;
		},
		trade: (code) =>
			ask(found.token_endpoint, { grant_type: 'authorization_code', code, code_verifier: app.verifier, redirect_uri: redirect }),
		refresh: (token) => ask(found.token_endpoint, { grant_type: 'refresh_token', refresh_token: token }),
		revoke: (token) => ask(found.revocation_endpoint, { token }),
		call: (token, path, options = {}) =>
			fetch(`${base}/api/v1${path}`, { ...options, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' } })
	};
	return app;
}

/** Waits until the browser is back in the app. */
const back = (page) => page.getByRole('heading', { name: 'Back in the app' }).waitFor();

test('an app is let in, with a passkey on the way, and put out again', async (t) => {
	const app = await pebble(t);
	const page = await visitor();
	await withoutAutofill(page);
	await authenticator(page);
	const name = fresh('pia');
	await page.goto('/join');
	await page.locator('#app').getByLabel('Name', { exact: true }).fill(name);
	await page.getByRole('button', { name: 'Join with a passkey' }).click();
	await page.locator(`.topacts a[href="/u/${name}"]`).waitFor({ state: 'attached' });
	await signOut(page);

	// From the app to the door, by passkey to the question, and back.
	await page.goto(app.begin('read write'));
	await page.waitForURL(/\/login\?next=/);
	await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
	await page.getByRole('heading', { name: 'Let Pebble in?' }).waitFor();
	await page.getByText('A program on this device.').waitFor();
	assert.equal(await page.locator('main').getByText('Read your private messages').count(), 0);
	await page.getByRole('button', { name: 'Let it in' }).click();
	await back(page);
	const tokens = await app.trade(app.answer().code);
	assert.equal(tokens.status, 200);
	assert.equal(tokens.scope, 'read write');
	assert.equal((await (await app.call(tokens.access_token, '/me')).json()).name, name);
	const group = fresh('pebbles');
	assert.equal((await app.call(tokens.access_token, '/groups', { method: 'POST', body: JSON.stringify({ name: group }) })).status, 201);
	const refused = await app.call(tokens.access_token, '/conversations');
	assert.equal(refused.status, 403);
	assert.match(refused.headers.get('www-authenticate'), /insufficient_scope/);

	// A token that was used up ends them all.
	const renewed = await app.refresh(tokens.refresh_token);
	assert.equal((await app.call(renewed.access_token, '/me')).status, 200);
	assert.equal((await app.refresh(tokens.refresh_token)).error, 'invalid_grant');
	assert.equal((await app.call(renewed.access_token, '/me')).status, 401);

	// Asked once more, as any program of this device is; then put out.
	await page.goto(app.begin('read'));
	await page.getByText('You let it in before.').waitFor();
	await page.getByRole('button', { name: 'Let it in' }).click();
	await back(page);
	const again = await app.trade(app.answer().code);
	for (const [width, colorScheme] of [[390, 'dark'], [1280, 'light']]) {
		await page.setViewportSize({ width, height: 844 });
		await page.emulateMedia({ colorScheme });
		await page.goto('/settings/apps');
		await page.getByRole('button', { name: 'Disconnect Pebble' }).waitFor();
		assert.deepEqual(await barriers(page), []);
		assert.deepEqual(await overflow(page), []);
	}
	await page.getByRole('button', { name: 'Disconnect Pebble' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Disconnect' }).click();
	await page.getByText('None so far.').waitFor();
	assert.equal((await app.call(again.access_token, '/me')).status, 401);
	assert.deepEqual(page.errors, []);
	await page.context().close();
});

test('who says no is sent back with nothing', async (t) => {
	const app = await pebble(t);
	const page = await visitor();
	await joinWithPassword(page, fresh('nora'));
	await page.goto(app.begin('read'));
	await page.getByRole('button', { name: 'No', exact: true }).click();
	await back(page);
	assert.equal(app.answer().error, 'access_denied');
	assert.equal(app.answer().code, undefined);
	await page.context().close();
});

test('the question works without JavaScript, for the right person', async (t) => {
	const app = await pebble(t);
	const page = await visitor();
	const [wrong, right] = [fresh('wim'), fresh('rosa')];
	await joinWithPassword(page, wrong);
	const cookies = await page.context().cookies();
	const plain = await visitor({ javaScriptEnabled: false });
	await plain.context().addCookies(cookies);
	await plain.goto(app.begin('read'));
	await plain.getByText(`You are signed in as ${wrong}.`).waitFor();
	await plain.getByRole('button', { name: 'Not you?' }).click();
	await plain.waitForURL(/\/login\?next=/);
	assert.equal((await page.request.get('/api/v1/me')).status(), 401);

	// In by the plain form of the door, and at the question again.
	const other = await visitor();
	await joinWithPassword(other, right);
	await plain.getByLabel('Name', { exact: true }).fill(right);
	await plain.getByLabel('Password', { exact: true }).fill(password);
	await plain.getByRole('button', { name: 'Sign in', exact: false }).first().click();
	await plain.getByText(`You are signed in as ${right}.`).waitFor();
	await plain.getByRole('button', { name: 'Let it in' }).click();
	await back(plain);
	const tokens = await app.trade(app.answer().code);
	assert.equal((await (await app.call(tokens.access_token, '/me')).json()).name, right);
	for (const one of [page, plain, other]) await one.context().close();
});

test('who was asked before comes back by the plain form of the door alone', async (t) => {
	// An app with a server of its own, which nobody on this device can pass for.
	const app = await pebble(t, { method: 'client_secret_post' });
	const page = await visitor();
	const name = fresh('rem');
	await joinWithPassword(page, name);
	await page.goto(app.begin('read'));
	await page.getByRole('button', { name: 'Let it in' }).click();
	await back(page);
	await page.goto(app.begin('read'));
	await back(page);
	assert.ok(app.answer().code);
	const plain = await visitor({ javaScriptEnabled: false });
	await plain.goto(app.begin('read'));
	await plain.getByLabel('Name', { exact: true }).fill(name);
	await plain.getByLabel('Password', { exact: true }).fill(password);
	await plain.getByRole('button', { name: 'Sign in' }).click();
	await back(plain);
	assert.ok(app.answer().code);
	for (const one of [page, plain]) await one.context().close();
});

test('the question can be used by everybody, and looked at by no other page', async (t) => {
	const app = await pebble(t, { name: 'Kieselstein für unterwegs und zuhause' });
	const page = await visitor();
	await joinWithPassword(page, fresh('axel'));
	for (const width of [390, 1280]) {
		for (const colorScheme of ['light', 'dark']) {
			await page.setViewportSize({ width, height: 844 });
			await page.emulateMedia({ colorScheme });
			for (const address of [app.begin('read write messages moderate administer account'), app.begin('nothing')]) {
				await page.goto(address);
				await page.getByRole('heading', { level: 1 }).waitFor();
				assert.deepEqual(await barriers(page), []);
				assert.deepEqual(await overflow(page), []);
			}
		}
	}
	// A page that shows it in a frame shows nothing.
	const asked = app.begin('read');
	await page.route('**/frame', (route) => route.fulfill({ contentType: 'text/html', body: `<iframe src="${asked.replaceAll('&', '&amp;')}"></iframe>` }));
	await page.goto(`http://127.0.0.1:${app.server.address().port}/frame`);
	await page.waitForLoadState('networkidle');
	assert.equal(await page.frameLocator('iframe').getByRole('button', { name: 'Let it in' }).count(), 0);
	await page.context().close();
});
