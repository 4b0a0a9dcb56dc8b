// Quoting what somebody else wrote, and taking it back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barriers, overflow } from './barriers.mjs';
import { api, fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';

withBrowser();

/** Nothing in the way, light and dark, on a phone. */
async function clear(page, where) {
	await page.setViewportSize({ width: 390, height: 844 });
	for (const colorScheme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme });
		assert.deepEqual(await barriers(page), [], `${where}, ${colorScheme}`);
	}
	assert.deepEqual(await overflow(page), [], where);
	await page.emulateMedia({ colorScheme: 'light' });
	await page.setViewportSize({ width: 1280, height: 900 });
}

test('a post is quoted, and its author takes it back', async (t) => {
	const writer = await visitor({ reducedMotion: 'reduce' });
	const writersName = fresh('writer');
	await joinWithPassword(writer, writersName);
	const group = fresh('beds');
	await api(writer, 'POST', '/groups', { name: group, title: 'Beds' });
	const bean = await api(writer, 'POST', `/groups/${group}/posts`, { title: 'Beans climb', body: 'They need *poles*.' });
	const quoter = await visitor({ reducedMotion: 'reduce' });
	const quotersName = fresh('quoter');
	await joinWithPassword(quoter, quotersName);
	let address = '';

	await t.test('it stands above the editor, and can be left out', async () => {
		await quoter.goto(`/post/${bean.id}`);
		await quoter.locator('.post-full').getByRole('link', { name: 'Quote' }).press('Enter');
		await quoter.waitForURL(/\/submit\?quote=/);
		const card = quoter.getByRole('figure', { name: 'Quoted' });
		await card.getByRole('link', { name: 'Beans climb' }).waitFor();
		await clear(quoter, 'writing');
		await card.getByRole('button', { name: 'Take the quote out' }).press('Enter');
		await card.waitFor({ state: 'detached' });
	});

	await t.test('what the server finds is said at the quote', async () => {
		await quoter.reload();
		await quoter.getByRole('figure', { name: 'Quoted' }).waitFor();
		await quoter.getByLabel('Group', { exact: true }).fill(group);
		await quoter.getByLabel('Title').fill('So true');
		const problem = { status: 422, title: 'Unprocessable', detail: 'No.', code: 'invalid', errors: [{ location: 'body.quote', message: 'They let nobody quote this.' }] };
		await quoter.route('**/api/v1/groups/*/posts', (route) =>
			route.fulfill({ status: 422, contentType: 'application/problem+json', body: JSON.stringify(problem) })
		);
		await quoter.getByRole('button', { name: 'Post', exact: true }).click();
		await quoter.locator('.quoted .field-error').getByText('They let nobody quote this.').waitFor();
		await quoter.unroute('**/api/v1/groups/*/posts');
	});

	await t.test('it is published with it', async () => {
		await quoter.getByRole('button', { name: 'Post', exact: true }).click();
		await quoter.waitForURL(/\/post\/\d+$/);
		address = quoter.url();
		await quoter.locator('.quoted').getByText('They need poles.').waitFor();
		await clear(quoter, 'published');
		const plain = await visitor({ javaScriptEnabled: false });
		await plain.goto(address);
		assert.match(await plain.locator('.quoted').innerText(), /Beans climb\s+They need poles\./);
	});

	await t.test('its author sees where, and takes it back', async () => {
		await writer.goto('/settings/quotes');
		await writer.getByText('quoted “Beans climb”').waitFor();
		await clear(writer, 'who quotes');
		await writer.getByRole('button', { name: `Take back that ${quotersName} may quote you` }).press('Enter');
		await writer.getByText('Nobody quotes you').waitFor();
		assert.equal(await writer.evaluate(() => document.activeElement?.tagName), 'H1');
	});

	await t.test('then it is a link, which its author can take out', async () => {
		await quoter.goto(address);
		await quoter.getByText(`${writersName} does not want this quoted`).waitFor();
		assert.equal(await quoter.getByText('They need poles.').count(), 0);
		await clear(quoter, 'refused');
		await writer.goto(address);
		await writer.locator('.quoted-link').waitFor();
		assert.equal(await writer.locator('.quoted').count(), 0, 'others see a link and no more');
		await quoter.getByRole('button', { name: 'Take the quote out' }).press('Enter');
		await quoter.locator('.quoted').waitFor({ state: 'detached' });
	});
});
