// Letters about what concerns somebody, and no more of them: the step that mail
// programs take by themselves (RFC 8058), from a letter as it arrived.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, signIn, visitor, withBrowser } from './browser.mjs';
import { ownServer } from './own.mjs';
import { postbox } from './postbox.mjs';

withBrowser();

const secret = 'stone upon stone';
const someone = (server, options = {}) => visitor({ baseURL: server.base, reducedMotion: 'reduce', ...options });

test('one step in a mail program ends letters about something', async (t) => {
	const box = await postbox(t);
	const server = await ownServer(t, box.settings);
	for (const name of ['ada', 'bob']) await server.run(['account', 'create', name, ...(name === 'ada' ? ['--admin'] : []), '--password-stdin'], secret);
	const ada = await someone(server);
	await signIn(ada, 'ada', secret);
	await api(ada, 'PATCH', '/me', { email: 'ada@mail.test' });
	const asked = await box.take('ada@mail.test', 'Is this your address?');
	await ada.goto(asked.link);
	await ada.getByRole('button', { name: 'Yes, that is me' }).click();
	await ada.getByText('Your mail address is confirmed.').waitFor();
	await api(ada, 'PUT', '/me/notices/replies', { page: true, push: false, mail: 'now' });
	await api(ada, 'POST', '/groups', { name: 'walls', title: 'Walls' });
	const post = await api(ada, 'POST', '/groups/walls/posts', { title: 'Which stone first?' });
	const bob = await someone(server);
	await signIn(bob, 'bob', secret);
	await api(bob, 'POST', `/posts/${post.id}/comments`, { body: 'The largest one.' });
	const letter = await box.take('ada@mail.test', 'bob answered you: “Which stone first?”');
	const way = async () => (await api(ada, 'GET', '/me/notices')).topics.find((one) => one.topic === 'replies').mail;
	const address = /^<(.*)>$/.exec(letter.header('List-Unsubscribe'))?.[1];

	await t.test('the letter says how', () => {
		assert.equal(letter.header('List-Unsubscribe-Post'), 'List-Unsubscribe=One-Click');
		assert.ok(address.startsWith(`${server.base}/unsubscribe?token=`), address);
		assert.match(letter.text, /The largest one\./);
	});

	await t.test('what opens the address changes nothing', async () => {
		const page = await fetch(address);
		assert.equal(page.status, 200);
		assert.match(await page.text(), /Less mail/);
		assert.equal(page.headers.get('cache-control'), 'no-store');
		assert.equal(await way(), 'now');
	});

	const once = (to, body) => fetch(to, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body, redirect: 'manual' });

	await t.test('a token that was guessed ends nothing', async () => {
		const guess = await once(`${address.slice(0, -4)}AAAA`, 'List-Unsubscribe=One-Click');
		assert.equal(guess.status, 404);
		assert.equal(await way(), 'now');
	});

	await t.test('one request does, without a cookie, and again', async () => {
		for (let n = 0; n < 2; n++) {
			const answer = await once(address, 'List-Unsubscribe=One-Click');
			assert.equal(answer.status, 200, await answer.text());
			assert.equal(answer.headers.get('set-cookie'), null);
			assert.equal(await way(), 'off');
		}
		const topics = (await api(ada, 'GET', '/me/notices')).topics;
		assert.ok(topics.find((one) => one.topic === 'replies').page, 'it is told here all the same');
	});

	await t.test('people read what was done, in any browser', async () => {
		const reader = await someone(server, { javaScriptEnabled: false });
		await reader.goto(address);
		await reader.getByRole('heading', { level: 1 }).waitFor();
	});
});
