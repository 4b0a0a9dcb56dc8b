// What people show and say of themselves.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barriers, overflow } from './barriers.mjs';
import { api, base, eventually, fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';

withBrowser();

/** Nothing in the way, light and dark, on a phone. */
async function clear(page, where) {
	await page.setViewportSize({ width: 390, height: 844 });
	for (const colorScheme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme });
		assert.deepEqual(await barriers(page), [], `${where}, ${colorScheme}`);
		if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${where.replaceAll(/\W+/g, '-')}-phone-${colorScheme}.png`, fullPage: true });
	}
	assert.deepEqual(await overflow(page), [], where);
	await page.emulateMedia({ colorScheme: 'light' });
	await page.setViewportSize({ width: 1280, height: 900 });
	if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${where.replaceAll(/\W+/g, '-')}-desktop.png`, fullPage: true });
}

/** A picture as a camera would write it, drawn by the browser. */
const drawn = (page, width, height, type = 'image/jpeg') =>
	page.evaluate(
		async ([w, h, kind]) => {
			const canvas = Object.assign(document.createElement('canvas'), { width: w, height: h });
			const pen = canvas.getContext('2d');
			pen.fillStyle = '#87a878';
			pen.fillRect(0, 0, w, h);
			pen.fillStyle = '#5b4636';
			for (let y = 0; y < h; y += 40) for (let x = (y / 40) % 2 ? 0 : 45; x < w; x += 90) pen.fillRect(x, y, 80, 32);
			const blob = await new Promise((done) => canvas.toBlob(done, kind));
			return [...new Uint8Array(await blob.arrayBuffer())];
		},
		[width, height, type]
	);

test('somebody shows a picture and says more of themselves', async (t) => {
	const page = await visitor({ reducedMotion: 'reduce' });
	const name = fresh('mason');
	await joinWithPassword(page, name);
	const group = fresh('wall');
	await api(page, 'POST', '/groups', { name: group, title: 'Walls' });
	await api(page, 'POST', `/groups/${group}/posts`, { title: 'Copes', body: 'Big ones.' });

	await t.test('a picture, and a wide one', async () => {
		await page.goto('/settings');
		const avatar = page.getByRole('group', { name: 'Picture', exact: true });
		await avatar.locator('input[type=file]').setInputFiles({ name: 'me.svg', mimeType: 'image/png', buffer: Buffer.from('<svg/>') });
		await avatar.getByText('This is not a picture that can be read here').waitFor();
		await avatar.locator('input[type=file]').setInputFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await drawn(page, 900, 700)) });
		await avatar.getByAltText('The picture as it is shown').waitFor();
		assert.equal(await avatar.getByText('This is not a picture').count(), 0);
		const banner = page.getByRole('group', { name: 'Wide picture' });
		await banner.locator('input[type=file]').setInputFiles({ name: 'wide.png', mimeType: 'image/png', buffer: Buffer.from(await drawn(page, 1800, 600, 'image/png')) });
		await banner.getByAltText('The wide picture as it is shown').waitFor();
		await page.locator('.topacts img.pebble').waitFor();
	});

	await t.test('lines, languages, interests and quiet hours', async () => {
		const about = page.getByRole('region', { name: 'More about you' });
		await about.getByRole('button', { name: 'Add a line' }).press('Enter');
		await about.getByLabel('Name of line 1').fill('Web');
		await about.getByLabel('Line 1', { exact: true }).fill(`${base}/u/${name}`);
		await about.getByRole('button', { name: 'Add a line' }).press('Enter');
		await about.getByLabel('Name of line 2').fill('Lives in');
		await about.getByLabel('Line 2', { exact: true }).fill('שלום, Ghent');
		await about.getByLabel('Languages you read').fill('en, klingonese');
		await about.getByRole('button', { name: 'Save' }).press('Enter');
		await about.getByText('“klingonese” is no language').waitFor();
		await about.getByLabel('Languages you read').fill('en, pt-BR');
		await about.getByText('English, Brazilian Portuguese').waitFor();
		await about.getByLabel('What interests you').fill('dry stone, #gardens');
		await about.getByLabel('Keep some hours quiet').check();
		await about.getByLabel('Time zone').selectOption('Europe/Brussels');
		await about.getByLabel('Let me approve who follows me').check();
		await about.getByRole('button', { name: 'Save' }).press('Enter');
		await page.getByText('Saved').first().waitFor();
		await clear(page, 'settings');
		const mine = await api(page, 'GET', '/me/profile');
		assert.deepEqual([mine.quiet, mine.zone, mine.interests, mine.approves_followers], [{ from: '22:00', to: '07:00' }, 'Europe/Brussels', ['dry stone', 'gardens'], true]);
	});

	await t.test('all of it stands on their page, and their page leads to itself', async () => {
		await eventually(async () => {
			const { fields } = await api(page, 'GET', '/me/profile');
			assert.ok(fields[0].verified_at, 'the page of the profile carries rel=me');
		}, 75_000);
		await page.goto(`/u/${name}`);
		await page.locator('img.banner').waitFor();
		await page.locator('.person-head img.pebble').waitFor();
		await page.getByText('Verified: this page leads back here').waitFor({ state: 'attached' });
		await page.getByText('dry stone, gardens').waitFor();
		assert.equal(await page.getByText('Brussels').count(), 0);
		await clear(page, 'person');
		const plain = await visitor({ javaScriptEnabled: false });
		await plain.goto(`/u/${name}`);
		await plain.locator('img.banner').waitFor();
		assert.equal(await plain.locator('dl.facts a[rel~=me]').count(), 1);
		await plain.context().close();
	});

	await t.test('in one group they appear otherwise', async () => {
		await page.goto(`/c/${group}`);
		await page.getByRole('button', { name: 'How I appear here' }).press('Enter');
		const dialog = page.getByRole('dialog', { name: 'How I appear here' });
		await dialog.getByLabel('Name shown here').fill('The old waller');
		await dialog.getByLabel('About you here').fill('Forty years of it');
		await clear(page, 'dialog');
		await dialog.getByRole('button', { name: 'Save' }).press('Enter');
		await dialog.waitFor({ state: 'detached' });
		await page.goto(`/c/${group}`);
		await page.locator('#app').getByText('The old waller').first().waitFor();
		await clear(page, 'group');
		await page.goto('/settings');
		await page.getByText('Forty years of it').waitFor();
		await page.goto(`/u/${name}`);
		assert.equal(await page.locator('.person-head').getByText('The old waller').count(), 0);
	});

	await t.test('the group shows a picture too', async () => {
		await page.goto(`/c/${group}`);
		await page.getByRole('button', { name: 'Edit group' }).press('Enter');
		const dialog = page.getByRole('dialog', { name: 'Edit group' });
		const wide = dialog.getByRole('group', { name: 'Wide picture' });
		await wide.locator('input[type=file]').setInputFiles({ name: 'w.png', mimeType: 'image/png', buffer: Buffer.from(await drawn(page, 1800, 600, 'image/png')) });
		await wide.getByAltText('The wide picture as it is shown').waitFor();
		await dialog.getByRole('group', { name: 'Picture', exact: true }).locator('input[type=file]').setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: Buffer.from(await drawn(page, 500, 500)) });
		await dialog.getByAltText('The picture as it is shown').waitFor();
		await clear(page, 'group edit');
		await page.keyboard.press('Escape');
		await page.locator('.group-head img.wall').waitFor();
		await page.locator('.group-title img.stone').waitFor();
		await clear(page, 'group with pictures');
	});

	await t.test('nobody waits to follow', async () => {
		await page.goto('/settings/followers');
		await page.getByText('Nobody is waiting.').waitFor();
		await clear(page, 'followers');
	});

	await t.test('what was shown is taken away again', async () => {
		await page.goto('/settings');
		const avatar = page.getByRole('group', { name: 'Picture', exact: true });
		await avatar.getByRole('button', { name: 'Remove it' }).press('Enter');
		await avatar.getByAltText('The picture as it is shown').waitFor({ state: 'detached' });
		await page.locator('.topacts span.pebble').waitFor();
		assert.deepEqual(page.errors, []);
	});
});
