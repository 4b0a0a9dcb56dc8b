// What people come to do, from the first visit on.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	authenticator,
	base,
	fresh,
	joinWithPassword,
	password,
	signedIn,
	signIn,
	signOut,
	visitor,
	withBrowser,
	withoutAutofill
} from './browser.mjs';

withBrowser();

test('a neighbour joins with a passkey, founds a group, writes, votes, leaves and comes back', async (t) => {
	const page = await visitor();
	const name = fresh('ada');
	const group = fresh('wall');
	await authenticator(page);
	await withoutAutofill(page);

	await t.test('joins with nothing but a name', async () => {
		await page.goto('/join?next=/groups/new');
		await page.locator('#app').getByLabel('Name', { exact: true }).fill(name);
		await page.getByRole('button', { name: 'Join with a passkey' }).click();
		await signedIn(page, name);
		await page.waitForURL('**/groups/new');
	});

	await t.test('creates a group', async () => {
		await page.getByLabel('Name', { exact: true }).fill(group);
		await page.getByLabel('Title').fill('The long wall');
		await page.getByLabel('What is it about?').fill('Stones, and **patience**.');
		await page.getByRole('button', { name: 'Create the group' }).click();
		await page.waitForURL(`**/c/${group}`);
		await page.getByRole('heading', { level: 1, name: 'The long wall' }).waitFor();
		await page.locator('.side .body strong', { hasText: 'patience' }).waitFor();
	});

	await t.test('posts a text, after looking at it', async () => {
		await page.locator('.group-acts').getByRole('link', { name: 'Post here' }).click();
		await page.getByLabel('Title').fill('First stone');
		await page.getByRole('textbox', { name: 'Text' }).fill('Laid *today*.');
		await page.getByRole('button', { name: 'Preview' }).click();
		await page.locator('.shown em', { hasText: 'today' }).waitFor();
		await page.getByRole('button', { name: 'Write', exact: true }).click();
		await page.getByRole('button', { name: 'Post', exact: true }).click();
		await page.getByRole('heading', { level: 1, name: 'First stone' }).waitFor();
		assert.match(page.url(), /\/post\/\d+$/);
		await page.locator('.post-full .body em', { hasText: 'today' }).waitFor();
	});
	const thread = new URL(page.url()).pathname;

	await t.test('comments, and answers itself', async () => {
		await page.getByRole('button', { name: 'Write a comment' }).click();
		await page.getByRole('textbox', { name: 'Write a comment' }).fill('It leans a little.');
		await page.keyboard.press('Control+Enter');
		const comment = page.locator('.comment').first();
		await comment.getByText('It leans a little.').waitFor();
		await comment.locator('.comment-in:focus').waitFor();
		await comment.getByRole('button', { name: 'Reply', exact: true }).click();
		await page.getByRole('textbox', { name: `Reply to ${name}` }).fill('Then lean with it.');
		await page.getByRole('button', { name: 'Send' }).click();
		await page.locator('.comment .comment').getByText('Then lean with it.').waitFor();
		await page.getByRole('heading', { name: '2 comments' }).waitFor();
	});

	await t.test('votes, changes its mind, and the server remembers', async () => {
		const vote = page.locator('.post-full .vote');
		const up = vote.getByRole('button', { name: 'Vote up' });
		const score = async () => Number(await vote.locator('.score').textContent());
		const pressed = (await up.getAttribute('aria-pressed')) === 'true';
		const before = (await score()) - (pressed ? 1 : 0);
		const answered = () => page.waitForResponse((r) => r.url().endsWith('/vote') && r.ok());
		if (!pressed) await Promise.all([answered(), up.click()]);
		assert.equal(await score(), before + 1);
		await Promise.all([answered(), vote.getByRole('button', { name: 'Vote down' }).click()]);
		assert.equal(await score(), before - 1);
		await Promise.all([answered(), up.click()]);
		await page.reload();
		await vote.locator('[data-act=up][aria-pressed=true]').waitFor();
		assert.equal(await score(), before + 1);
	});

	await t.test('edits what it wrote', async () => {
		const comment = page.locator('.comment').first();
		await comment.getByRole('button', { name: 'Edit' }).first().click();
		await page.getByRole('textbox', { name: 'Edit your comment' }).fill('It leans a lot.');
		await page.locator('button.btn-primary', { hasText: 'Save' }).click();
		await comment.getByText('It leans a lot.').waitFor();
		await page.locator('.post-full').getByRole('button', { name: 'Edit' }).click();
		await page.getByLabel('Title').fill('The first stone');
		await page.locator('button.btn-primary', { hasText: 'Save' }).click();
		await page.getByRole('heading', { level: 1, name: 'The first stone' }).waitFor();
		assert.equal(new URL(page.url()).pathname, thread);
	});

	await t.test('posts a link, and is told what is missing', async () => {
		await page.goto(`/submit?group=${group}`);
		await page.getByRole('button', { name: 'Link', exact: true }).click();
		await page.getByLabel('Title').fill('About copes');
		await page.getByLabel('Address').fill('not an address');
		await page.getByRole('button', { name: 'Post', exact: true }).click();
		await page.getByText('This should be a web address').waitFor();
		assert.equal(await page.getByLabel('Address').getAttribute('aria-invalid'), 'true');
		await page.getByLabel('Address').fill('https://example.org/copes');
		await page.getByRole('button', { name: 'Post', exact: true }).click();
		await page.getByRole('link', { name: 'example.org/copes' }).waitFor();
	});

	await t.test('deletes a comment, after being asked', async () => {
		await page.goto(thread);
		await page.locator('.comment .comment').getByRole('button', { name: 'Delete' }).click();
		await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
		await page.locator('.comment .comment').getByRole('button', { name: 'Delete' }).click();
		await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
		await page.locator('.comment .comment').getByText('Deleted by its author.').waitFor();
		await page.locator('.comment .comment .comment-in:focus').waitFor();
	});

	await t.test('leaves, and comes back to where it wanted to be', async () => {
		await signOut(page);
		await page.goto(thread);
		await page.locator('.post-full').getByRole('button', { name: 'Vote up' }).click();
		await page.waitForURL('**/login?next=*');
		await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
		await signedIn(page, name);
		await page.waitForURL(`**${thread}`);
	});

	assert.deepEqual(page.errors, []);
	await page.context().close();
});

test('the name field offers the passkey by itself', async () => {
	const page = await visitor();
	const name = fresh('eve');
	await authenticator(page);
	await page.goto('/join');
	await page.locator('#app').getByLabel('Name', { exact: true }).fill(name);
	await page.getByRole('button', { name: 'Join with a passkey' }).click();
	await signedIn(page, name);
	await signOut(page);
	await page.goto('/login');
	await signedIn(page, name);
	await page.context().close();
});

test('a device that does not recognise its owner is a plain matter', async () => {
	const page = await visitor();
	const device = await authenticator(page);
	await withoutAutofill(page);
	await device.recognise(false);
	await page.goto('/join');
	await page.locator('#app').getByLabel('Name', { exact: true }).fill(fresh('who'));
	await page.getByRole('button', { name: 'Join with a passkey' }).click();
	await page.getByRole('alert').getByText('your device could not confirm that it is you').waitFor();
	await page.goto('/login');
	await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
	await page.getByRole('alert').getByText('your device could not confirm that it is you').waitFor();
	assert.deepEqual(page.errors, []);
	await page.context().close();
});

test('a neighbour joins with a password, mistypes it, and gets in', async () => {
	const page = await visitor();
	const name = fresh('bea');
	await joinWithPassword(page, name);
	await signOut(page);

	await page.goto('/login?next=%2F%2Fevil.example');
	await page.locator('#app').getByLabel('Name', { exact: true }).fill(name);
	await page.getByLabel('Password', { exact: true }).fill('wrong ' + password);
	await page.getByRole('button', { name: 'Sign in with a password' }).click();
	const said = await page.getByRole('alert').textContent();
	assert.match(said ?? '', /\S+ \S+/, 'a wrong password is answered in words');
	assert.equal(await page.locator('.topacts').getByRole('link', { name: 'Sign in' }).count(), 1);

	await page.getByLabel('Password', { exact: true }).fill(password);
	await page.getByRole('button', { name: 'Sign in with a password' }).click();
	await signedIn(page, name);
	await page.waitForURL((url) => url.pathname === '/', { timeout: 5000 });
	assert.equal(new URL(page.url()).host, new URL(process.env.DRYSTONE_URL).host, 'next never leaves this site');

	await page.goto('/login');
	await page.context().clearCookies();
	await signIn(page, name, password);
	await page.context().close();
});

test('a name that is taken is said at the field', async () => {
	const page = await visitor();
	const name = fresh('dup');
	await joinWithPassword(page, name);
	await page.context().clearCookies();
	await page.goto('/join');
	await page.getByRole('button', { name: 'Use a password instead' }).click();
	await page.getByLabel('Name', { exact: true }).fill(name);
	await page.getByLabel('Password', { exact: true }).fill(password);
	await page.getByRole('button', { name: 'Join', exact: true }).click();
	await page.locator('.field-error, [role=alert]').first().waitFor();
	assert.equal(new URL(page.url()).pathname, '/join');
	await page.context().close();
});

test('a draft survives the tab, and a vote that cannot be sent is taken back', async () => {
	const page = await visitor();
	const name = fresh('fay');
	await joinWithPassword(page, name);
	const group = fresh('draft');
	await page.goto('/groups/new');
	await page.getByLabel('Name', { exact: true }).fill(group);
	await page.getByRole('button', { name: 'Create the group' }).click();
	await page.waitForURL(`**/c/${group}`);

	await page.goto(`/submit?group=${group}`);
	await page.getByLabel('Title').fill('Half a thought');
	await page.goto('about:blank');
	await page.goto(`/submit?group=${group}`);
	await page.getByText('This is what you began').waitFor();
	assert.equal(await page.getByLabel('Title').inputValue(), 'Half a thought');
	await page.getByRole('button', { name: 'Post', exact: true }).click();
	await page.getByRole('heading', { level: 1, name: 'Half a thought' }).waitFor();

	const vote = page.locator('.post-full .vote');
	const score = await vote.locator('.score').textContent();
	await page.context().setOffline(true);
	await vote.getByRole('button', { name: 'Vote down' }).click();
	await page.getByRole('status').getByText('Your vote did not count').waitFor();
	assert.equal(await vote.locator('.score').textContent(), score);
	await page.getByText('You are offline').waitFor();
	await page.context().close();
});

test('a group is joined and left', async () => {
	const page = await visitor();
	await joinWithPassword(page, fresh('gus'));
	const group = fresh('lane');
	await page.goto('/groups/new');
	await page.getByLabel('Name', { exact: true }).fill(group);
	await page.getByRole('button', { name: 'Create the group' }).click();
	await page.waitForURL(`**/c/${group}`);
	await page.context().clearCookies();

	await joinWithPassword(page, fresh('hal'));
	await page.goto(`/c/${group}`);
	await page.getByRole('button', { name: `Join: ${group}` }).click();
	await page.getByRole('button', { name: `Leave: ${group}` }).waitFor();
	await page.reload();
	await page.getByRole('button', { name: `Leave: ${group}` }).click();
	await page.getByRole('button', { name: `Join: ${group}` }).waitFor();
	await page.context().close();
});

test('a token is shown once', async () => {
	const page = await visitor();
	const name = fresh('ida');
	await joinWithPassword(page, name);
	await page.goto('/settings/apps');
	await page.getByLabel('Name', { exact: true }).fill('backup');
	await page.getByRole('checkbox', { name: /^Read/ }).uncheck();
	await page.getByRole('button', { name: 'Make it' }).click();
	await page.getByText('Choose at least one.').waitFor();
	await page.getByRole('checkbox', { name: /^Read/ }).check();
	await page.getByLabel('When does it end?').selectOption('In 30 days');
	await page.getByRole('button', { name: 'Make it' }).click();
	const token = await page.locator('.notice code').textContent();
	assert.ok(token && token.length > 15);
	// It reads, also as a password, and does nothing else.
	const bearer = { Authorization: `Bearer ${token}` };
	const basic = { Authorization: `Basic ${Buffer.from(`${name}:${token}`).toString('base64')}` };
	assert.equal((await fetch(`${base}/api/v1/me`, { headers: bearer })).status, 200);
	assert.equal((await fetch(`${base}/api/v1/me`, { headers: basic })).status, 200);
	assert.equal((await fetch(`${base}/api/v1/tokens`, { headers: bearer })).status, 403);
	await page.reload();
	await page.getByText('backup').waitFor();
	assert.equal(await page.getByText(token).count(), 0);
	await page.getByRole('button', { name: 'Remove the token backup' }).click();
	await page.getByText('backup', { exact: true }).waitFor({ state: 'detached' });
	await page.context().close();
});
