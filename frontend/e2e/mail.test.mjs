// What goes by mail: showing that an address is one's own, and getting back
// into an account. The letters are read where they arrive.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, authenticator, signIn, signedIn, visitor, withBrowser, withoutAutofill } from './browser.mjs';
import { clear } from './clear.mjs';
import { ownServer } from './own.mjs';
import { postbox } from './postbox.mjs';

withBrowser();

const first = 'stone upon stone';
const second = 'another wall of stone';

/** Somebody's browser, without movement: colours that change are no colours yet. */
const someone = (server, options = {}) => visitor({ baseURL: server.base, reducedMotion: 'reduce', ...options });

const heading = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor();

test('an address is confirmed by mail, and lets its owner back in', async (t) => {
	const box = await postbox(t);
	const server = await ownServer(t, box.settings);
	for (const [name, ...more] of [['ada', '--admin'], ['cora'], ['bob']]) {
		await server.run(['account', 'create', name, ...more, '--password-stdin'], first);
	}
	const page = await someone(server);
	await signIn(page, 'ada', first);
	const mail = page.locator('section', { has: page.getByRole('heading', { level: 2, name: 'Mail', exact: true }) });

	await t.test('an address counts once its letter was answered', async () => {
		await page.goto('/settings/security');
		await mail.getByLabel('Your address').fill('ada@mail.test');
		await mail.getByRole('button', { name: 'Change' }).click();
		await mail.getByText('Not confirmed yet').waitFor();
		const letter = await box.take('ada@mail.test', 'Is this your address?');
		assert.match(letter.text, /Somebody who is called ada on localhost/);
		assert.ok(letter.link.startsWith(`${server.base}/verify?token=`), letter.link);

		await page.goto(letter.link);
		await page.getByText('Is ada@mail.test your address, and ada your account here?').waitFor();
		await clear(page, 'whether an address is one’s own');
		await page.goto('/settings/security');
		await mail.getByText('Not confirmed yet').waitFor(); // opening the link did nothing
		await page.goto(letter.link);
		await page.getByRole('button', { name: 'Yes, that is me' }).click();
		await page.getByText('Your mail address is confirmed.').waitFor();
		await clear(page, 'an address that is confirmed');
		await page.goto('/settings/security');
		await mail.getByText('Confirmed', { exact: true }).waitFor();
		await page.goto(letter.link);
		await page.getByText('have the letter sent again').waitFor();
		await clear(page, 'a link that was used');
	});

	await t.test('somebody who forgot their password chooses another', async () => {
		const lost = await someone(server);
		await lost.goto('/login');
		await lost.locator('a[href="/recover"]').click();
		await heading(lost, 'Get back in');
		await clear(lost, 'getting back in');
		await lost.getByLabel('Your name here, or your mail address').fill('ada@mail.test');
		await lost.getByRole('button', { name: 'Send me a link' }).click();
		await heading(lost, 'Look at your mail');
		await clear(lost, 'a letter is on its way');
		const letter = await box.take('ada@mail.test', 'Get back into your account');
		assert.ok(letter.link.startsWith(`${server.base}/recover/reset?token=`), letter.link);

		await lost.goto(letter.link);
		await heading(lost, 'Welcome back, ada');
		await clear(lost, 'a new password');
		const choose = async (word) => {
			await lost.getByLabel('A new password').fill(word);
			await lost.getByRole('button', { name: 'Set this password' }).click();
		};
		await choose('password123');
		await lost.getByRole('alert').waitFor();
		await clear(lost, 'a password that is refused');
		await choose(second);
		await heading(lost, 'Your password is new');
		await clear(lost, 'a password that is set');
		await box.take('ada@mail.test', 'Your password was changed');

		await page.goto('/settings');
		await page.waitForURL('**/login**'); // the other browser is signed out
		await signIn(lost, 'ada', second);
		await box.take('ada@mail.test', 'Somebody signed in from a new browser');
		await lost.goto(letter.link);
		await lost.getByRole('link', { name: 'Ask for a new link' }).waitFor();
		await clear(lost, 'a link back in that was used');
		assert.deepEqual(lost.errors, []);
		await lost.context().close();
	});

	await t.test('an administrator sees who has mail, and hands a link to who has none', async () => {
		await signIn(page, 'ada', second);
		await page.goto('/admin/people');
		await page.getByText('Mail confirmed').waitFor();
		await clear(page, 'the people here');
		await page.getByRole('button', { name: 'Let in by a link: bob' }).click();
		await page.getByRole('button', { name: 'Make the link' }).click();
		const link = page.getByLabel('Hand this to bob. It is not shown again.');
		await link.waitFor();
		await clear(page, 'a link to hand out');
		const bob = await someone(server);
		await bob.goto(await link.inputValue());
		await bob.getByRole('button', { name: 'Come in and add a passkey' }).click();
		await bob.waitForURL('**/settings/security');
		await signedIn(bob, 'bob');
		await api(bob, 'PATCH', '/me', { email: 'bob@mail.test' });
		await box.take('bob@mail.test', 'Is this your address?'); // and it stays unanswered
		assert.deepEqual(bob.errors, []);
		await bob.context().close();
	});

	await t.test('all of it goes without JavaScript', async () => {
		const before = await someone(server);
		await signIn(before, 'cora', first);
		await api(before, 'PATCH', '/me', { email: 'cora@mail.test' });
		const still = await someone(server, { javaScriptEnabled: false });
		await still.goto((await box.take('cora@mail.test', 'Is this your address?')).link);
		await still.getByRole('button', { name: 'Yes, that is me' }).click();
		await heading(still, 'Thank you');
		assert.deepEqual(await api(before, 'GET', '/me/email').then((now) => [now.address, now.verified]), ['cora@mail.test', true]);

		await still.goto('/login');
		await still.locator('a[href="/recover"]').click();
		await still.getByLabel('Your name here, or your mail address').fill('cora');
		await still.getByRole('button', { name: 'Send me a link' }).click();
		await heading(still, 'Look at your mail');
		await still.goto((await box.take('cora@mail.test', 'Get back into your account')).link);
		await still.getByLabel('A new password').fill(second);
		await still.getByRole('button', { name: 'Set this password' }).click();
		await heading(still, 'Your password is new');
		await box.take('cora@mail.test', 'Your password was changed');
		assert.equal((await before.request.get('/api/v1/me')).status(), 401);

		await still.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
		await still.locator('#username').fill('cora');
		await still.locator('#password').fill(second);
		await still.locator('#password').press('Enter');
		await still.waitForURL(`${server.base}/`);
		await box.take('cora@mail.test', 'Somebody signed in from a new browser');
		for (const one of [before, still]) await one.context().close();
	});

	await t.test('who does not exist, or confirmed no address, gets the same answer and no letter', async () => {
		const nobody = await someone(server);
		for (const asked of ['nobody', 'nobody@mail.test', 'bob', 'bob@mail.test']) {
			await nobody.goto('/recover');
			await nobody.getByLabel('Your name here, or your mail address').fill(asked);
			await nobody.getByRole('button', { name: 'Send me a link' }).click();
			await heading(nobody, 'Look at your mail');
		}
		// What is asked for is looked into in order: when this letter is here, that is over.
		await nobody.goto('/recover');
		await nobody.getByLabel('Your name here, or your mail address').fill('ada');
		await nobody.getByRole('button', { name: 'Send me a link' }).click();
		await box.take('ada@mail.test', 'Get back into your account');
		assert.equal(box.left(), 0);
		await nobody.context().close();
	});
	assert.deepEqual(page.errors, []);
	await page.context().close();
});

test('newcomers confirm their address before they are let in', async (t) => {
	const box = await postbox(t);
	const server = await ownServer(t, box.settings);
	await server.run(['account', 'create', 'ada', '--admin', '--password-stdin'], first);
	const keeper = await someone(server);
	await signIn(keeper, 'ada', first);
	await keeper.goto('/admin/joining?view=settings');
	await keeper.getByLabel('Newcomers confirm a mail address before they are let in').check();
	await keeper.getByRole('button', { name: 'Save' }).click();
	await keeper.getByText('Settled.').waitFor();
	await api(keeper, 'PATCH', '/admin/joining', { proof: 8 });

	await t.test('by a passkey: they read, correct their address, and are let in by the letter', async () => {
		const page = await someone(server);
		await authenticator(page);
		await withoutAutofill(page);
		await page.goto('/join');
		await page.locator('#app').getByLabel('Name', { exact: true }).fill('erin');
		await page.getByLabel('Mail address').fill('erni@mail.test');
		await page.getByRole('button', { name: 'Join with a passkey' }).click();
		await heading(page, 'Confirm your mail address');
		await signedIn(page, 'erin');
		await clear(page, 'who has to confirm an address');
		await box.take('erni@mail.test', 'Is this your address?');
		const refused = await page.request.fetch('/api/v1/groups', { method: 'POST', data: { name: 'walls' }, headers: { 'Sec-Fetch-Site': 'same-origin' } });
		assert.equal(refused.status(), 403);
		assert.match((await refused.json()).detail, /Confirm your mail address first/);

		await page.goto('/explore');
		await page.getByRole('complementary', { name: 'Your account' }).getByText('For now you can read.').waitFor();
		await clear(page, 'a page above which something waits');
		await page.getByRole('link', { name: 'See what to do' }).click();
		await page.getByLabel('Another address').fill('erin@mail.test');
		await page.getByRole('button', { name: 'Send a letter there' }).click();
		await page.getByText('We sent a letter to erin@mail.test').waitFor();
		const letter = await box.take('erin@mail.test', 'Is this your address?');
		assert.match(letter.text, /then you are in/);
		await page.getByRole('button', { name: 'Send the letter again' }).click();
		await box.take('erin@mail.test', 'Is this your address?');
		await page.getByRole('button', { name: 'I opened the link' }).click();
		await page.getByText('Not confirmed yet.').waitFor();

		// In another browser, where nobody is signed in.
		const elsewhere = await someone(server, { javaScriptEnabled: false });
		await elsewhere.goto(letter.link);
		await elsewhere.getByRole('button', { name: 'Yes, that is me' }).click();
		await elsewhere.getByText('Your mail address is confirmed.').waitFor();
		await page.getByRole('button', { name: 'I opened the link' }).click();
		await page.locator('#app').getByText('You are here already, as erin.').waitFor();
		await api(page, 'POST', '/groups', { name: 'walls' });
		assert.deepEqual(page.errors, []);
	});

	await t.test('without JavaScript, and with a review: a question is answered there too', async () => {
		const page = await someone(server, { javaScriptEnabled: false });
		await page.goto('/join');
		await page.getByLabel('Name', { exact: true }).fill('ivy');
		await page.getByLabel('Password', { exact: true }).fill(second);
		await page.getByLabel('Mail address').fill('ivy@mail.test');
		await page.getByLabel('Why do you want to join?').fill('I like text browsers.');
		await page.getByRole('button', { name: 'Apply' }).click();
		await heading(page, 'Confirm your mail address');
		await keeper.goto('/admin/joining');
		const row = keeper.getByRole('article', { name: 'ivy' });
		await row.getByText('address not confirmed yet').waitFor();

		await page.goto((await box.take('ivy@mail.test', 'Is this your address?')).link);
		await page.getByRole('button', { name: 'Yes, that is me' }).click();
		await row.getByRole('button', { name: 'Ask back: ivy' }).click();
		await row.getByLabel('What would you like to know?').fill('Which one?');
		await row.getByRole('button', { name: 'Send the question' }).click();
		await row.getByText('Which one?').waitFor();
		await page.goto('/join');
		await page.getByText('Which one?').waitFor();
		await page.getByLabel('Your answer').fill('Lynx.');
		await page.getByRole('button', { name: 'Send the answer' }).click();
		await page.getByText('Somebody will read what you wrote.').waitFor();
		await keeper.reload();
		await row.getByText('Lynx.').waitFor();
		await row.getByText('address confirmed', { exact: true }).waitFor();
		const decided = keeper.waitForResponse((r) => r.url().endsWith('/accept'));
		await row.getByRole('button', { name: 'Let in: ivy' }).click();
		assert.ok((await decided).ok());
		assert.equal((await page.request.get('/u/ivy')).status(), 200);
	});
});

test('without mail the host cannot ask for what nobody could confirm', async (t) => {
	const server = await ownServer(t, {});
	await server.run(['account', 'create', 'ada', '--admin', '--password-stdin'], first);
	const keeper = await someone(server);
	await signIn(keeper, 'ada', first);
	await keeper.goto('/admin/joining?view=settings');
	await keeper.getByText('Set DRYSTONE_SMTP first.').waitFor();
	assert.ok(await keeper.getByLabel('Newcomers confirm a mail address').isDisabled());
	await clear(keeper, 'a setting that needs mail');
});

test('who is leaving is told on every page, and comes back from there', async (t) => {
	const server = await ownServer(t, {});
	for (const name of ['ada', 'bob']) await server.run(['account', 'create', name, ...(name === 'ada' ? ['--admin'] : []), '--password-stdin'], first);
	const page = await someone(server);
	await signIn(page, 'bob', first);
	await api(page, 'DELETE', '/me', { with_posts: false });
	await signIn(page, 'bob', first);
	await page.goto('/explore');
	const standing = page.getByRole('complementary', { name: 'Your account' });
	await standing.getByText(/Your account goes on/).waitFor();
	await clear(page, 'who is leaving');
	await standing.getByRole('button', { name: 'Come back' }).click();
	await page.getByText('You stay. Welcome back.').waitFor();
	await standing.waitFor({ state: 'detached' });
});
