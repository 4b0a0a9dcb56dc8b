// Coming to a server: by invitation, by application, through the work that a
// browser does, without JavaScript, and not at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, authenticator, eventually, password, signedIn, visitor, withBrowser, withoutAutofill } from './browser.mjs';
import { clear } from './clear.mjs';
import { ownServer } from './own.mjs';

withBrowser();

/** A server whose keeper sits at a browser, and a visitor's. */
async function house(t, settings) {
	const server = await ownServer(t, settings);
	await server.run(['account', 'create', 'keeper', '--admin', '--password-stdin'], password);
	const keeper = await visitor({ baseURL: server.base, reducedMotion: 'reduce' });
	await withoutAutofill(keeper);
	await keeper.goto('/login');
	await keeper.locator('#app').getByLabel('Name', { exact: true }).fill('keeper');
	await keeper.getByLabel('Password', { exact: true }).fill(password);
	await keeper.getByRole('button', { name: 'Sign in with a password' }).click();
	await signedIn(keeper, 'keeper');
	return { ...server, keeper };
}

async function guest(server, options = {}) {
	const page = await visitor({ baseURL: server.base, reducedMotion: 'reduce', ...options });
	if (options.javaScriptEnabled !== false) {
		await authenticator(page);
		await withoutAutofill(page);
	}
	return page;
}

test('somebody applies with a passkey, is asked back, answers and is let in', async (t) => {
	const server = await house(t, { DRYSTONE_REGISTRATIONS: 'application' });
	const { keeper } = server;
	const page = await guest(server);

	await t.test('the keeper settles what is asked, and what must be accepted', async () => {
		await keeper.goto('/admin/joining?view=settings');
		await keeper.getByLabel('Rules to accept').fill('Be kind.\nStay with the subject.');
		await keeper.getByLabel('Question 1').fill('Which walls do you build?');
		await keeper.getByLabel('must be answered').first().check();
		await clear(keeper, 'the settings of joining');
		await keeper.getByRole('button', { name: 'Save' }).click();
		await keeper.getByText('Settled.').waitFor();
	});

	await t.test('a newcomer reads them, and applies', async () => {
		await page.goto('/join');
		await page.getByText('Be kind.').waitFor();
		await page.locator('#app').getByLabel('Name', { exact: true }).fill('erin');
		await page.getByLabel('Which walls do you build?').fill('Dry ones, in the hills.');
		await page.getByLabel('I have read the rules').check();
		await clear(page, 'the form to join');
		await page.getByRole('button', { name: 'Apply with a passkey' }).click();
		await signedIn(page, 'erin');
		await page.getByRole('heading', { name: 'Your application' }).waitFor();
		await page.getByText('Dry ones, in the hills.').waitFor();
		await clear(page, 'the application');
	});

	await t.test('until then they are nobody, and can do nothing', async () => {
		assert.equal((await page.request.get('/u/erin')).status(), 404);
		const refused = await page.request.fetch('/api/v1/groups', { method: 'POST', data: { name: 'walls' }, headers: { 'Sec-Fetch-Site': 'same-origin' } });
		assert.equal(refused.status(), 403);
	});

	await t.test('the keeper asks back', async () => {
		await keeper.goto('/admin/joining');
		const row = keeper.getByRole('article', { name: 'erin' });
		await row.getByText('Dry ones, in the hills.').waitFor();
		await row.getByRole('button', { name: 'Ask back: erin' }).click();
		await row.getByLabel('What would you like to know?').fill('With how many friends?');
		await clear(keeper, 'an application');
		await row.getByRole('button', { name: 'Send the question' }).click();
		await row.getByText('With how many friends?').waitFor();
	});

	await t.test('they answer, and are let in', async () => {
		await page.reload();
		await page.getByText('With how many friends?').waitFor();
		await page.getByLabel('Your answer').fill('Three.');
		await page.getByRole('button', { name: 'Send the answer' }).click();
		await page.getByText('Somebody will read what you wrote.').waitFor();
		await keeper.reload();
		const row = keeper.getByRole('article', { name: 'erin' });
		await row.getByText('Three.').waitFor();
		await row.getByRole('button', { name: 'Let in: erin' }).click();
		await row.getByText('let in').waitFor();
		await page.goto('/u/erin');
		await page.getByRole('heading', { level: 1, name: 'erin' }).waitFor();
		await api(page, 'POST', '/groups', { name: 'hills' });
	});

	await t.test('another is turned away, with a reason', async () => {
		const other = await guest(server);
		await other.goto('/join');
		await other.locator('#app').getByLabel('Name', { exact: true }).fill('mallory');
		await other.getByLabel('Which walls do you build?').fill('Buy cheap walls');
		await other.getByLabel('I have read the rules').check();
		await other.getByRole('button', { name: 'Apply with a passkey' }).click();
		await other.getByRole('heading', { name: 'Your application' }).waitFor();
		await keeper.goto('/admin/joining');
		const row = keeper.getByRole('article', { name: 'mallory' });
		await row.getByRole('button', { name: 'Turn away: mallory' }).click();
		await row.getByLabel('Why? They read it.').fill('That is an advert.');
		await row.getByRole('button', { name: 'Turn away', exact: true }).click();
		await row.getByText('turned away').waitFor();
		await other.reload();
		await other.getByText('That is an advert.').waitFor();
		await other.getByRole('button', { name: 'Take the application back' }).click();
		await other.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click();
		await other.locator('.topacts').getByRole('link', { name: 'Sign in' }).waitFor();
	});
});

test('somebody is invited, joins at once and is in the group', async (t) => {
	const server = await house(t, { DRYSTONE_REGISTRATIONS: 'invite' });
	const { keeper } = server;
	await server.run(['group', 'create', 'walls', '--title', 'Dry walls', '--moderator', 'keeper']);
	const page = await guest(server);
	await page.goto('/join');
	await page.getByText('by invitation').first().waitFor();
	assert.equal(await page.locator('#app').getByLabel('Name', { exact: true }).count(), 0);

	await keeper.goto('/settings/invites');
	await keeper.getByLabel('Into which group').selectOption('walls');
	await keeper.getByLabel('A note').fill('From the fair');
	await keeper.getByRole('button', { name: 'Make the link' }).click();
	const link = await keeper.getByLabel('The link').inputValue();
	assert.match(link, /\/invite\/[\w-]{20,}$/);
	await clear(keeper, 'the invitations');

	await page.goto(link);
	await page.getByText('keeper invites you to').first().waitFor();
	await page.locator('#app').getByText('From the fair').waitFor();
	await page.locator('#app').getByLabel('Name', { exact: true }).fill('gus');
	await clear(page, 'an invitation');
	await page.getByRole('button', { name: 'Join with a passkey' }).click();
	await signedIn(page, 'gus');
	await page.waitForURL('**/c/walls');
	await page.locator('.group-acts').getByRole('link', { name: 'Post here' }).waitFor();

	await keeper.reload();
	await keeper.getByText('1 of 1 came').waitFor();
	await keeper.getByRole('link', { name: 'gus' }).waitFor();
	await page.goto('/settings/invites');
	await page.getByText('You came by an invitation of').waitFor();

	const late = await guest(server);
	await late.goto(link);
	await late.getByRole('heading', { name: 'This invitation does not work' }).waitFor();
	const made = await server.run(['invite', 'create', '--by', 'keeper', '--uses', '2', '--days', '3']);
	await late.goto(made.trim().split('\n').pop());
	await late.getByText('keeper invites you to').first().waitFor();
	assert.ok(!server.said().includes(link.split('/').pop()), 'the log holds no code');
});

test('nobody comes to a closed server', async (t) => {
	const server = await house(t, { DRYSTONE_REGISTRATIONS: 'closed' });
	const page = await guest(server);
	await page.goto('/join');
	await page.locator('#app').getByText('takes no new accounts').waitFor();
	assert.equal(await page.locator('#app').getByLabel('Name', { exact: true }).count(), 0);
});

test('a browser works before it makes an account, and can be stopped', async (t) => {
	const server = await house(t, {});
	await api(server.keeper, 'PATCH', '/admin/joining', { proof: 20 });
	const page = await guest(server);
	await page.goto('/join');
	await page.locator('#app').getByLabel('Name', { exact: true }).fill('hal');
	await page.getByRole('button', { name: 'Join with a passkey' }).click();
	const bar = page.getByRole('progressbar');
	await bar.waitFor();
	await page.getByText('Your browser does some work').waitFor();
	await clear(page, 'the work');
	await page.getByRole('button', { name: 'Stop' }).click();
	await bar.waitFor({ state: 'detached' });

	await api(server.keeper, 'PATCH', '/admin/joining', { proof: 10 });
	await page.getByRole('button', { name: 'Join with a passkey' }).click();
	await signedIn(page, 'hal');
	assert.deepEqual(page.errors, []);
});

test('without JavaScript somebody applies instead', async (t) => {
	const server = await house(t, {});
	const page = await guest(server, { javaScriptEnabled: false });
	await page.goto('/join');
	await page.getByText('Your browser runs no JavaScript').waitFor();
	await page.getByLabel('Name', { exact: true }).fill('ivy');
	await page.getByLabel('Password', { exact: true }).fill('short');
	await page.getByLabel('Why do you want to join?').fill('I like walls, and text browsers.');
	await page.getByRole('button', { name: 'Apply' }).click();
	await page.getByRole('alert').getByText('at least 10 characters').waitFor();
	assert.equal(await page.getByLabel('Why do you want to join?').inputValue(), 'I like walls, and text browsers.');
	await page.getByLabel('Password', { exact: true }).fill(password);
	await page.getByRole('button', { name: 'Apply' }).click();
	await page.getByRole('heading', { name: 'Your application' }).waitFor();
	await page.getByText('I like walls, and text browsers.').waitFor();

	await server.keeper.goto('/admin/joining');
	const row = server.keeper.getByRole('article', { name: 'ivy' });
	await row.getByText('without JavaScript').waitFor();
	await row.getByRole('button', { name: 'Let in: ivy' }).click();
	await row.getByText('let in').waitFor();
	await eventually(async () => assert.equal((await page.request.get('/u/ivy')).status(), 200));
});
