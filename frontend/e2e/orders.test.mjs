// The orders of lists: links of their own, a menu for those used less, one
// that is kept for an account, and all of them without JavaScript.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clear } from './clear.mjs';
import { fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';
import { world } from './world.mjs';

withBrowser();

test('a list is read in the order that one likes', async (t) => {
	const { base, group } = await world();
	const page = await visitor({ baseURL: base, reducedMotion: 'reduce' });
	await joinWithPassword(page, fresh('sorter'));
	const at = `/c/${group}`;
	const sorts = page.getByRole('navigation', { name: 'Sort' });

	await t.test('one step away from the usual ones', async () => {
		await page.goto(at);
		await sorts.getByRole('link', { name: 'Hot', current: 'page' }).waitFor();
		await sorts.getByText('More', { exact: true }).click();
		await sorts.getByRole('link', { name: 'Oldest' }).waitFor();
		await page.keyboard.press('Escape');
		await sorts.getByRole('link', { name: 'Oldest' }).waitFor({ state: 'hidden' });
		await page.keyboard.press('Enter');
		await sorts.getByRole('link', { name: 'Oldest' }).click();
		await page.waitForURL(/sort=oldest/);
		await sorts.getByText('Oldest', { exact: true }).first().waitFor();
	});

	await t.test('of a stretch of time', async () => {
		await sorts.getByRole('link', { name: 'Top' }).click();
		const times = page.getByRole('navigation', { name: 'Of which time' });
		await times.getByRole('link', { name: 'All time', current: 'page' }).waitFor();
		await times.getByRole('link', { name: 'Year' }).click();
		await page.waitForURL(/within=year/);
		await clear(page, 'the best of a year');
	});

	await t.test('and keeps it', async () => {
		await page.getByRole('button', { name: 'Always in this order' }).click();
		await page.waitForURL((url) => !url.search.includes('sort'));
		await sorts.getByRole('link', { name: 'Top', current: 'page' }).waitFor();
		await page.goto('/?view=all');
		await sorts.getByRole('link', { name: 'Top', current: 'page' }).waitFor();
		assert.equal(await page.getByRole('button', { name: 'Always in this order' }).count(), 0);
	});

	await t.test('and without JavaScript', async () => {
		const plain = await visitor({ baseURL: base, javaScriptEnabled: false });
		await plain.goto(at);
		for (const name of ['Active', 'New', 'Top', 'Controversial', 'Oldest', 'Unanswered', 'Hot']) {
			await plain.getByRole('navigation', { name: 'Sort' }).getByRole('link', { name, exact: true }).click();
			await plain.getByRole('navigation', { name: 'Sort' }).getByRole('link', { name, exact: true, current: 'page' }).waitFor();
		}
		await plain.goto(`${at}?sort=controversial&within=month`);
		await plain.getByRole('navigation', { name: 'Of which time' }).getByRole('link', { name: 'Month', current: 'page' }).waitFor();
		await plain.context().close();
	});
});
