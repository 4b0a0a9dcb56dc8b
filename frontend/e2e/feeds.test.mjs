// Feeds: making one, putting groups into it from its page and from theirs,
// following it, changing it and its end; and what everybody can read of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clear } from './clear.mjs';
import { api, base, fresh, joinWithPassword, signIn, visitor, withBrowser } from './browser.mjs';

withBrowser();

const demo = process.env.DRYSTONE_DEMO_URL?.replace(/\/$/, '');
const home = { baseURL: demo ?? base };

async function enter(who) {
	const page = await visitor({ ...home, reducedMotion: 'reduce' });
	if (demo) await signIn(page, who, 'drystone-demo');
	else await joinWithPassword(page, fresh(who));
	return page;
}

test('somebody keeps a feed, and others read and follow it', async (t) => {
	const keeper = await enter('alice');
	const reader = await enter('bob');
	const outside = await visitor({ ...home, reducedMotion: 'reduce' });
	const [first, second, secret] = [fresh('one'), fresh('two'), fresh('sec')];
	await api(keeper, 'POST', '/groups', { name: first, title: 'The first field' });
	await api(keeper, 'POST', '/groups', { name: second, title: 'The second field' });
	await api(keeper, 'POST', '/groups', { name: secret, title: 'The walled field', visibility: 'private' });
	await api(keeper, 'POST', `/groups/${first}/posts`, { title: 'Oats are up' });
	await api(keeper, 'POST', `/groups/${second}/posts`, { title: 'Barley is down' });
	const name = fresh('fields');
	const at = `/f/${name}`;

	await t.test('makes one', async () => {
		await keeper.goto('/');
		await keeper.getByRole('link', { name: 'Your feeds' }).click();
		await keeper.getByRole('heading', { name: 'Feeds', level: 1 }).waitFor();
		await clear(keeper, 'my feeds');
		await keeper.getByRole('link', { name: 'Make a feed' }).click();
		await keeper.getByLabel('Name', { exact: true }).fill(first);
		await keeper.getByLabel('Title', { exact: true }).fill('All fields');
		await keeper.getByRole('button', { name: 'Make a feed' }).click();
		await keeper.getByText(`The name "${first}" is taken.`).first().waitFor();
		await clear(keeper, 'making a feed, which failed');
		await keeper.getByLabel('Name', { exact: true }).fill(name);
		await keeper.getByRole('button', { name: 'Make a feed' }).click();
		await keeper.getByRole('heading', { name: 'All fields', level: 1 }).waitFor();
		await keeper.getByText('This feed has no groups yet').waitFor();
		await clear(keeper, 'an empty feed');
	});

	await t.test('puts groups into it by search, with the keyboard', async () => {
		await keeper.locator('.group-acts').getByRole('button', { name: 'Choose groups' }).focus();
		await keeper.keyboard.press('Enter');
		const dialog = keeper.getByRole('dialog');
		await dialog.getByLabel('Find a group').focus();
		await keeper.keyboard.type(first.slice(0, -1));
		await dialog.getByRole('button', { name: `Add ${first}` }).waitFor();
		await clear(keeper, 'choosing groups');
		await dialog.getByLabel('Find a group').focus();
		await keeper.keyboard.press('Enter');
		await dialog.getByRole('button', { name: `Remove ${first}` }).waitFor();
		await dialog.getByLabel('Find a group').fill(secret);
		await keeper.keyboard.press('Enter');
		await dialog.getByText('is for its members only').waitFor();
		await dialog.getByLabel('Find a group').fill('there_is_none');
		await dialog.getByText('No group here is called that.').waitFor();
		await keeper.keyboard.press('Escape');
		await keeper.locator('#app').getByText('Oats are up').waitFor();
	});

	await t.test('puts one into it from its own page', async () => {
		await keeper.goto(`/c/${second}`);
		await keeper.getByRole('button', { name: 'Add to a feed' }).click();
		const dialog = keeper.getByRole('dialog');
		await dialog.getByLabel('All fields').check();
		await clear(keeper, 'choosing feeds');
		await dialog.getByRole('button', { name: 'Close' }).click();
		await keeper.goto(at);
		await keeper.locator('#app').getByText('Barley is down').waitFor();
		await clear(keeper, 'a feed, to who keeps it');
	});

	await t.test('others find it, read it and follow it', async () => {
		await reader.goto(`/search?q=${name}&kind=feeds`);
		await reader.getByRole('link', { name: 'All fields' }).click();
		await reader.locator('#app').getByText('Oats are up').waitFor();
		assert.equal(await reader.getByRole('button', { name: 'Choose groups' }).count(), 0);
		await reader.getByRole('button', { name: 'Follow: All fields' }).click();
		await reader.getByRole('button', { name: 'Stop following: All fields' }).waitFor();
		await clear(reader, 'a feed, to who follows it');
		await reader.goto('/feeds');
		await reader.getByText('You keep no feed yet').waitFor();
		await reader.locator('#app').getByRole('link', { name: 'All fields' }).waitFor();
		await clear(reader, 'the feeds that somebody follows');
	});

	await t.test('it can be read signed out, and without the app', async () => {
		await outside.goto(at);
		await outside.locator('#app').getByText('Barley is down').waitFor();
		await clear(outside, 'a feed, signed out');
		const plain = await visitor({ ...home, javaScriptEnabled: false });
		await plain.goto(at);
		await plain.getByRole('heading', { name: 'All fields' }).waitFor();
		for (const text of ['Oats are up', 'Barley is down']) assert.ok(await plain.getByText(text).first().isVisible(), text);
		const atom = await plain.request.get(`${at}.atom`);
		assert.match(await atom.text(), /Oats are up/);
		await plain.context().close();
	});

	await t.test('takes one out, says more, and ends it', async () => {
		await keeper.goto(at);
		await keeper.locator('.group-acts').getByRole('button', { name: 'Choose groups' }).click();
		await keeper.getByRole('button', { name: `Remove ${second}` }).click();
		await keeper.getByText(`${second} is not in the feed any more.`).waitFor();
		await keeper.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
		await keeper.locator('#app').getByText('Barley is down').waitFor({ state: 'detached' });
		await keeper.getByRole('button', { name: 'Edit feed' }).click();
		const dialog = keeper.getByRole('dialog');
		await dialog.getByLabel('Title').fill('Some fields');
		await dialog.getByLabel('Description').fill('Oats, *mostly*.');
		await clear(keeper, 'editing a feed');
		await dialog.getByRole('button', { name: 'Save' }).click();
		await keeper.getByRole('heading', { name: 'Some fields', level: 1 }).waitFor();
		await keeper.locator('#app em').getByText('mostly').waitFor();
		await keeper.getByRole('button', { name: 'Edit feed' }).click();
		await dialog.getByRole('button', { name: 'Delete this feed' }).click();
		await clear(keeper, 'ending a feed');
		await dialog.getByRole('button', { name: 'Delete for good' }).click();
		await keeper.getByRole('heading', { name: 'Feeds', level: 1 }).waitFor();
		assert.equal(await keeper.locator('#app').getByRole('link', { name: 'Some fields' }).count(), 0);
		assert.equal((await outside.goto(at)).status(), 404);
		await outside.locator('#app h1').waitFor();
		await clear(outside, 'a feed that is gone');
	});

	for (const page of [keeper, reader, outside]) {
		assert.deepEqual(page.errors, []);
		await page.context().close();
	}
});
