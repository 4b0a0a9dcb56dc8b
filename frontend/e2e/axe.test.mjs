// Every screen, light and dark: no known barrier, and on no width anything that
// must be scrolled sideways. What a phone lays out in its own way is tried there
// too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barriers, overflow } from './barriers.mjs';
import { signIn, visitor, withBrowser } from './browser.mjs';
import { world } from './world.mjs';

withBrowser();

const screens = (w) => ({
	outside: [
		'/',
		'/?view=local&sort=new',
		'/explore',
		`/c/${w.group}`,
		`/post/${w.post.id}`,
		`/comment/${w.comment.id}`,
		`/u/${w.account}`,
		`/u/${w.account}?tab=comments`,
		'/search?q=wall',
		'/search?q=https%3A%2F%2Fexample.org%2Fpost%2F1',
		'/login?next=/submit',
		'/login?lost=1',
		'/join',
		'/no/such/road'
	],
	inside: [
		'/',
		`/c/${w.group}`,
		`/post/${w.post.id}`,
		`/submit?group=${w.group}`,
		'/groups/new',
		'/notifications',
		'/reports',
		'/reports?scope=filed',
		'/messages',
		'/settings',
		'/settings/followers',
		'/settings/following',
		'/settings/privacy',
		'/settings/blocks',
		'/settings/blocks?kind=words',
		'/settings/security',
		'/settings/apps',
		'/settings/data',
		'/settings/appearance',
		'/admin/peers',
		'/explore?q=nothingiscalledthis'
	]
});

const desktop = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };
const narrow = { width: 320, height: 640 };

async function open(page, path) {
	await page.goto(path);
	await page.locator('#app h1').first().waitFor();
	// Side panels come after the page; give them their moment.
	await page.waitForTimeout(150);
}

/** The screen as it stands, and how it fits where there is less room. */
async function look(page, path, widths) {
	await open(page, path);
	const found = await barriers(page);
	for (const viewport of widths) {
		await page.setViewportSize(viewport);
		found.push(...(await overflow(page)));
	}
	await page.setViewportSize(widths[0]);
	assert.deepEqual(found, [], path);
}

async function lookWhileWriting(page, post, widths) {
	await open(page, `/post/${post}`);
	await page.getByRole('button', { name: 'Write a comment' }).click();
	await page.getByRole('textbox', { name: 'Write a comment' }).fill('Some **words**');
	assert.deepEqual(await barriers(page), []);
	await page.getByRole('button', { name: 'Preview' }).click();
	await page.locator('.shown strong').first().waitFor(); // twice, where a draft was kept
	assert.deepEqual(await overflow(page), []);
	await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
	await page.getByRole('dialog').waitFor();
	const found = await barriers(page);
	for (const viewport of widths) {
		await page.setViewportSize(viewport);
		found.push(...(await overflow(page)));
	}
	assert.deepEqual(found, []);
}

for (const colorScheme of ['light', 'dark']) {
	test(`no barriers: ${colorScheme}`, async (t) => {
		const w = await world();
		const page = await visitor({ viewport: desktop, colorScheme, baseURL: w.base });
		const { outside, inside } = screens(w);
		// Colours do not change how much room things take.
		const widths = colorScheme === 'light' ? [desktop, phone, narrow] : [desktop];
		for (const path of outside) await t.test(path, () => look(page, path, widths));
		await signIn(page, w.account, w.password);
		for (const path of inside) await t.test(`signed in: ${path}`, () => look(page, path, widths));
		await t.test('while writing, and in dialogs', () => lookWhileWriting(page, w.post.id, widths));
		assert.deepEqual(page.errors, []);
		await page.context().close();
	});
}

test('no barriers: a phone, dark', async (t) => {
	const w = await world();
	const page = await visitor({ viewport: phone, colorScheme: 'dark', isMobile: true, baseURL: w.base });
	for (const path of ['/', `/c/${w.group}`]) await t.test(path, () => look(page, path, [phone]));
	await signIn(page, w.account, w.password);
	for (const path of ['/', `/post/${w.post.id}`, '/notifications']) {
		await t.test(`signed in: ${path}`, () => look(page, path, [phone]));
	}
	assert.deepEqual(page.errors, []);
	await page.context().close();
});

test('the chosen colours win over the system’s, from the first paint on', async () => {
	const w = await world();
	const page = await visitor({ colorScheme: 'light', baseURL: w.base });
	await signIn(page, w.account, w.password);
	await page.goto('/settings/appearance');
	await page.getByRole('radio', { name: 'Dark' }).check();
	const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
	assert.equal(await ground(), 'rgb(21, 24, 26)');
	await page.goto('/', { waitUntil: 'commit' });
	await page.waitForLoadState('domcontentloaded');
	assert.equal(await ground(), 'rgb(21, 24, 26)');
	await page.context().close();
});

test('forced colours keep their controls, and stillness is kept when asked for', async () => {
	const w = await world();
	const page = await visitor({ forcedColors: 'active', reducedMotion: 'reduce', baseURL: w.base });
	await page.goto(`/post/${w.post.id}`);
	await page.locator('#app .vote button').first().waitFor();
	const moving = await page
		.locator('#app .btn')
		.first()
		.evaluate((el) => getComputedStyle(el).transitionDuration);
	assert.match(moving, /^(0s(, )?)+$/);
	await page.context().close();
});
