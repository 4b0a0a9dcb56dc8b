// What people keep away from themselves, and what they are told is known of
// them.
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

test('people keep others and words away', async (t) => {
	const loud = await visitor({ reducedMotion: 'reduce' });
	const loudsName = fresh('loud');
	await joinWithPassword(loud, loudsName);
	const group = fresh('yard');
	await api(loud, 'POST', '/groups', { name: group, title: 'Yard' });
	const post = await api(loud, 'POST', `/groups/${group}/posts`, { title: 'Frost is coming', body: 'Cover the *beans*.' });
	const comment = await api(loud, 'POST', `/posts/${post.id}/comments`, { body: 'Tonight!' });
	const page = await visitor({ reducedMotion: 'reduce' });
	const name = fresh('calm');
	await joinWithPassword(page, name);

	await t.test('a comment’s author is muted from its menu, and stands closed', async () => {
		await page.goto(`/post/${post.id}`);
		const item = page.locator(`#comment-${comment.id}`);
		await item.getByText('Tonight!').waitFor();
		await item.getByRole('button', { name: 'Mute or block' }).press('Enter');
		const dialog = page.getByRole('dialog', { name: 'Mute or block' });
		await dialog.getByLabel('For how long').selectOption('7');
		await dialog.getByLabel('Note to yourself').fill('shouts');
		await clear(page, 'the dialog');
		await dialog.getByRole('button', { name: 'Mute', exact: true }).press('Enter');
		await dialog.waitFor({ state: 'detached' });
		await item.getByText('By somebody whom you keep away.').waitFor();
		assert.equal(await item.getByText('Tonight!').count(), 0);
		await clear(page, 'a closed comment');
		await item.getByRole('button', { name: 'Show' }).press('Enter');
		await item.getByText('Tonight!').waitFor();
	});

	await t.test('it stands in the settings, becomes a block, and is taken away', async () => {
		await page.goto('/settings/blocks');
		await page.getByRole('listitem').filter({ hasText: loudsName }).getByText('shouts').waitFor();
		await clear(page, 'the list');
		await page.getByRole('button', { name: `Change ${loudsName}` }).press('Enter');
		const row = page.locator('.list > li').filter({ hasText: loudsName });
		await row.getByRole('radio', { name: /^Block/ }).check();
		await row.getByRole('button', { name: 'Save' }).press('Enter');
		await row.getByText('Blocked').waitFor();
		await page.goto(`/u/${loudsName}`);
		await page.getByText(`You block ${loudsName}.`).waitFor();
		await clear(page, 'their page');
		await page.getByRole('button', { name: 'Unblock' }).press('Enter');
		await page.getByRole('button', { name: 'Mute or block' }).waitFor();
		await page.goto('/settings/blocks');
		await page.getByText('You block and mute nobody').waitFor();
	});

	await t.test('who is blocked reads nothing, and is told plainly why they cannot answer', async () => {
		const mine = await api(page, 'POST', `/posts/${post.id}/comments`, { body: 'My own words' });
		await api(page, 'PUT', `/me/blocks/people/${loudsName}`, {});
		// Whoever looks after the group reads on: another one cannot.
		const other = fresh('shed');
		await api(page, 'POST', '/groups', { name: other, title: 'Shed' });
		const quiet = await api(page, 'POST', `/groups/${other}/posts`, { title: 'Quiet here', body: 'Hush' });
		await loud.goto(`/post/${quiet.id}`);
		await loud.getByText('You cannot read this').waitFor();
		assert.equal(await loud.getByText('Hush').count(), 0);
		await loud.goto(`/comment/${mine.id}`);
		await loud.getByText('My own words').waitFor();
		await api(page, 'DELETE', `/me/blocks/people/${loudsName}`);
	});

	await t.test('words are muted, changed, and found nowhere in the feed', async () => {
		await page.goto('/settings/blocks?kind=words');
		await page.getByLabel('Word or phrase').fill('x');
		await page.getByRole('button', { name: 'Add' }).press('Enter');
		await page.getByText('at least two characters').waitFor();
		await page.getByLabel('Word or phrase').fill('FROST is');
		await page.getByRole('button', { name: 'Add' }).press('Enter');
		await page.locator('.list').getByText('FROST is').waitFor();
		await clear(page, 'muted words');
		await page.goto(`/?view=all&sort=new`);
		await page.getByText('Quiet here').waitFor();
		assert.equal(await page.getByText('Frost is coming').count(), 0);
		await page.goto(`/post/${post.id}`);
		await page.getByText('It holds words that you mute.').waitFor();
		await page.goto('/settings/blocks?kind=words');
		await page.getByRole('button', { name: 'Take away: FROST is' }).press('Enter');
		await page.getByText('You mute no words').waitFor();
	});

	await t.test('a group is muted from its page, and a server by its name', async () => {
		await page.goto(`/c/${group}`);
		await page.getByRole('button', { name: 'Mute or block' }).press('Enter');
		const dialog = page.getByRole('dialog', { name: 'Mute or block' });
		await dialog.getByRole('button', { name: 'Mute', exact: true }).press('Enter');
		await page.getByRole('button', { name: 'Unmute' }).waitFor();
		await page.goto('/settings/blocks?kind=groups');
		await page.locator('.list').getByText(group).waitFor();
		await page.goto('/settings/blocks?kind=servers');
		await page.getByLabel('Which server').fill('not a server');
		await page.getByRole('button', { name: 'Add' }).press('Enter');
		await page.getByText('Write the name of a server').waitFor();
		await page.getByLabel('Which server').fill('Loud.Example');
		await page.getByRole('button', { name: 'Add' }).press('Enter');
		await page.locator('.list').getByText('loud.example').waitFor();
		await clear(page, 'servers');
	});
});

test('people see what is known of them, and say what they agree to', async (t) => {
	const owner = await visitor({ reducedMotion: 'reduce' });
	await joinWithPassword(owner, fresh('owner'));
	const group = fresh('club');
	await api(owner, 'POST', '/groups', { name: group, title: 'Club' });
	const page = await visitor({ reducedMotion: 'reduce' });
	const name = fresh('member');
	await joinWithPassword(page, name);
	await api(page, 'PUT', `/groups/${group}/membership`);
	await owner.goto(`/c/${group}/members`);
	await owner.locator('main').getByText(name).first().waitFor();

	await page.goto('/settings/privacy');
	await page.getByText('looked at the list of members').waitFor();
	await page.getByText('The owner').waitFor();
	await clear(page, 'privacy');
	const box = page.getByRole('checkbox', { name: /Be asked how you are/ });
	assert.equal(await box.isChecked(), true);
	await box.uncheck();
	await page.getByText('Saved.').waitFor();
	await page.reload();
	assert.equal(await page.getByRole('checkbox', { name: /Be asked how you are/ }).isChecked(), false);

	await t.test('without JavaScript, too', async () => {
		const plain = await visitor({ javaScriptEnabled: false, storageState: await page.context().storageState() });
		await plain.goto('/settings/privacy');
		await plain.getByRole('heading', { name: 'Be asked how you are: no' }).waitFor();
		await plain.locator('form').filter({ hasText: 'Be asked how you are' }).getByRole('button', { name: 'Agree' }).click();
		await plain.getByRole('heading', { name: 'Be asked how you are: yes' }).waitFor();
		await plain.goto('/settings/blocks?kind=servers');
		await plain.getByLabel('Which server').fill('loud.example');
		await plain.getByRole('button', { name: 'Add' }).click();
		await plain.getByText('loud.example').waitFor();
		await plain.getByRole('button', { name: 'Take away: loud.example' }).click();
		await plain.getByText('Nothing is kept away').waitFor();
	});
});
