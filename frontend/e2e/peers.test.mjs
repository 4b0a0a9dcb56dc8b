// What administrators do about other servers. The demo has some, whose names
// nobody can look up: what is sent to them fails.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barriers, overflow } from './barriers.mjs';
import { eventually, signIn, visitor, withBrowser } from './browser.mjs';
import { world } from './world.mjs';

withBrowser();

const demo = process.env.DRYSTONE_DEMO_URL?.replace(/\/$/, '');
const skip = demo ? false : 'needs the demo, where somebody administers the server';

/** Somebody of the demo: alice administers it, bob does not. */
async function resident({ name, ...options } = {}) {
	const w = await world();
	const page = await visitor({ baseURL: w.base, ...options });
	await signIn(page, name ?? w.account, w.password);
	return page;
}

const row = (page, host) => page.locator('#app .courses > li').filter({ has: page.getByRole('heading', { name: host }) });

test('a server that cannot be reached is failing, says why, and can be tried at once', { skip }, async () => {
	const page = await resident();
	// A group there hears of it, or would.
	const said = await page.request.post(`${demo}/api/v1/groups/books@bramble.example/posts`, {
		headers: { 'Sec-Fetch-Site': 'same-origin' },
		data: { title: 'Does anybody hear this?' }
	});
	assert.ok(said.ok(), await said.text());
	await eventually(async () => {
		await page.goto('/admin/peers?state=failing');
		await page.locator('#app .courses > li').first().waitFor({ timeout: 1000 });
	}, 30_000);
	const first = page.locator('#app .courses > li').first();
	const name = (await first.locator('.host').textContent())?.trim();
	assert.ok((await first.locator('.trouble').textContent())?.trim(), 'it does not say why');
	await first.getByRole('button', { name: 'Try now' }).focus();
	await page.keyboard.press('Enter');
	await page.getByRole('status').getByText(`${name} is tried at once.`).waitFor();
	// Where the button went, the row stays under the fingers.
	assert.notEqual(await page.evaluate(() => document.activeElement?.tagName), 'BODY');
	assert.deepEqual(page.errors, []);
	await page.context().close();
});

test('deliveries are paused, found by their state, and go on', { skip }, async () => {
	const page = await resident();
	// From where administrators look.
	await page.goto('/settings');
	await page.getByRole('link', { name: 'This server' }).click();
	await page.getByRole('heading', { level: 1, name: 'Other servers' }).waitFor();
	const host = (await page.locator('#app .courses .host').first().textContent())?.trim();
	await row(page, host).getByRole('button', { name: 'Pause' }).click();
	await row(page, host).getByRole('button', { name: 'Resume' }).waitFor();
	await page.getByRole('link', { name: 'Paused (1)' }).click();
	await page.waitForURL('**/admin/peers?state=paused');
	await eventually(async () => assert.equal(await page.locator('#app .courses > li').count(), 1));
	await row(page, host).getByText('Paused', { exact: true }).first().waitFor();
	await row(page, host).getByRole('button', { name: 'Resume' }).click();
	await row(page, host).getByRole('button', { name: 'Pause' }).waitFor();
	await page.reload();
	await page.locator('#app .empty').getByText('No such server').waitFor();
	assert.deepEqual(page.errors, []);
	await page.context().close();
});

test('forgetting asks first', { skip }, async () => {
	const page = await resident();
	await page.goto('/admin/peers');
	const host = (await page.locator('#app .courses .host').last().textContent())?.trim();
	await page.goto(`/admin/peers?q=${host}`);
	const forget = row(page, host).getByRole('button', { name: 'Forget' });
	await forget.click();
	const dialog = page.getByRole('dialog');
	await dialog.getByText('What its people wrote stays here.').waitFor();
	assert.deepEqual(await barriers(page), []);
	await page.keyboard.press('Escape');
	await dialog.waitFor({ state: 'detached' });
	assert.ok(await forget.evaluate((button) => button === document.activeElement), 'focus goes back');
	await forget.click();
	await dialog.getByRole('button', { name: 'Forget' }).click();
	await row(page, host).getByText('0 followers there').waitFor();
	await page.reload();
	await row(page, host).getByText('0 followers there').waitFor();
	assert.deepEqual(page.errors, []);
	await page.context().close();
});

for (const [name, options, widths] of [
	['a desktop, light', { colorScheme: 'light' }, [1280, 390, 320]],
	['a phone, dark', { colorScheme: 'dark', viewport: { width: 390, height: 844 }, isMobile: true }, [390]]
]) {
	test(`no barriers among other servers: ${name}`, { skip }, async () => {
		const page = await resident(options);
		for (const path of ['/admin/peers', '/admin/peers?state=failing', '/admin/peers?q=nobodyhere']) {
			await page.goto(path);
			await page.locator('#app h1').first().waitFor();
			const found = await barriers(page);
			for (const width of widths) {
				await page.setViewportSize({ width, height: 844 });
				found.push(...(await overflow(page)));
			}
			assert.deepEqual(found, [], path);
		}
		assert.deepEqual(page.errors, []);
		await page.context().close();
	});
}

test('other servers can be read without JavaScript', { skip }, async () => {
	const page = await resident();
	const context = await page.context().browser().newContext({
		baseURL: demo,
		javaScriptEnabled: false,
		storageState: await page.context().storageState()
	});
	const plain = await context.newPage();
	await plain.goto('/admin/peers');
	await plain.getByRole('heading', { level: 1, name: 'Other servers' }).waitFor();
	assert.ok((await plain.locator('.courses > li').count()) > 1);
	await context.close();
	await page.context().close();
});

test('who does not administer is told so, and sees no other servers', { skip }, async () => {
	const bob = await resident({ name: 'bob' });
	await bob.goto('/admin/peers');
	await bob.locator('#app').getByText('Only administrators of this server').waitFor();
	assert.equal(await bob.locator('#app .courses').count(), 0);
	assert.equal((await bob.request.get(`${demo}/api/v1/admin/peers`)).status(), 403);
	await bob.goto('/settings');
	await bob.locator('#app h1').waitFor();
	assert.equal(await bob.getByRole('link', { name: 'This server' }).count(), 0);
	await bob.context().close();
});
