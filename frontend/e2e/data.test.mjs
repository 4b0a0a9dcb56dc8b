// Everything of one's own, fetched; lists brought along; an account that is
// given up, and kept after all.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { barriers, overflow } from './barriers.mjs';
import { base, fresh, joinWithPassword, password, signIn, visitor, withBrowser } from './browser.mjs';

withBrowser();

test('take everything, and bring lists', async () => {
	const page = await visitor();
	const name = fresh('mover');
	await joinWithPassword(page, name);

	await page.goto(`${base}/settings/data`);
	await page.getByRole('button', { name: 'Have an archive written' }).click();
	const link = page.getByRole('link', { name: 'Fetch the archive (ZIP)' });
	await link.waitFor();
	const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
	const archive = await readFile(await download.path());
	assert.equal(archive.subarray(0, 2).toString(), 'PK');
	assert.ok(archive.includes('README.txt'));

	const lists = { name: 'following_accounts.csv', mimeType: 'text/csv' };
	await page.getByLabel('Files').setInputFiles({ ...lists, buffer: Buffer.from('Account address,Show boosts\n"broken') });
	await page.getByRole('button', { name: 'Read them' }).click();
	await page.getByText('following_accounts.csv, line 2').waitFor();
	await page.getByLabel('Files').setInputFiles({ ...lists, buffer: Buffer.from(`Account address,Show boosts\n${name},true\n`) });
	await page.getByRole('button', { name: 'Read them' }).click();
	await page.getByText('1 account to follow').waitFor();
	assert.deepEqual(await overflow(page), []);
	await page.getByRole('button', { name: 'Do it' }).click();
	await page.getByText('All lines were gone through.').waitFor();
	await page.getByText('What could not be done').click();
	await page.getByText('You cannot follow yourself').waitFor();
	assert.deepEqual(await barriers(page), []);

	assert.deepEqual(page.errors, []);
});

test('leave and come back', async () => {
	const page = await visitor();
	const name = fresh('leaver');
	await joinWithPassword(page, name);
	await page.goto(`${base}/settings/data`);
	await page.getByRole('button', { name: 'Delete my account' }).click();
	await page.getByRole('dialog').getByRole('button', { name: 'Delete my account' }).click();
	await page.waitForURL(`${base}/`, { waitUntil: 'commit' }); // pictures from elsewhere may take longer
	await page.getByRole('link', { name: 'Sign in' }).first().waitFor();
	assert.equal((await page.request.get(`${base}/api/v1/people/${name}`)).status(), 404);

	await signIn(page, name, password);
	await page.goto('/settings/data');
	await page.getByText('Your account will be deleted on').waitFor();
	assert.deepEqual(await barriers(page), []);
	await page.getByRole('button', { name: 'Come back and keep my account' }).click();
	await page.getByRole('button', { name: 'Delete my account' }).waitFor();
	assert.equal((await page.request.get(`${base}/api/v1/people/${name}`)).status(), 200);
	assert.deepEqual(page.errors, []);
});
