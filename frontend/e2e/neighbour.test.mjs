// Two servers: a group on one is found, read, joined and written in from the
// other; people of both write to each other, and vote in one poll.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, base, eventually, fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';
import { clear } from './clear.mjs';

withBrowser();

const other = process.env.DRYSTONE_NEIGHBOUR_URL?.replace(/\/$/, '');
const there = other && new URL(other).host;
const here = new URL(base).host;
const patience = 20_000;
const still = { reducedMotion: 'reduce' };

/** What travels from server to server takes its moment: asked for until it is there. */
const arrives = (page, path, text, where = '#app .main') =>
	eventually(async () => {
		await page.goto(path);
		await page.locator(where).getByText(text).first().waitFor({ timeout: 1500 });
	}, patience);

let cast;
/** Ann lives here, Bea there, where she keeps a group in which somebody wrote already. */
async function people() {
	const [ann, bea] = [await visitor(still), await visitor({ ...still, baseURL: other })];
	const [annName, beaName, group] = [fresh('ann'), fresh('bea'), fresh('quarry')];
	await joinWithPassword(ann, annName);
	await joinWithPassword(bea, beaName);
	const dan = await visitor({ baseURL: other });
	await joinWithPassword(dan, fresh('dan'));
	const say = (method, path, body) => api(bea, method, path, body);
	await say('POST', '/groups', { name: group, title: 'The old quarry', summary: 'Where the **stones** are from.' });
	const rules = await say('POST', `/groups/${group}/posts`, { title: 'Helmets, please', body: 'Always.' });
	const post = await say('POST', `/groups/${group}/posts`, { title: 'Who has a crowbar to lend?', body: 'Mine is *bent*.' });
	const comment = await api(dan, 'POST', `/posts/${post.id}/comments`, { body: 'Ask the smith.' });
	await say('POST', `/posts/${post.id}/comments`, { body: 'He lends nothing.', parent_id: comment.id });
	await dan.context().close();
	await say('PUT', `/posts/${rules.id}/featured`);
	return { ann, bea, annName, beaName, group, post, say };
}
const neighbours = () => (cast ??= people());

const options = { skip: other ? false : 'DRYSTONE_NEIGHBOUR_URL names no second server' };

test('a group of another server is found, read, joined and written in', options, async (t) => {
	const { ann, bea, annName, beaName, group, post, say } = await neighbours();
	const handle = `${group}@${there}`;

	await t.test('found by its handle, in the search box', async () => {
		await ann.goto('/');
		await ann.getByRole('searchbox', { name: 'Search' }).fill(`!${handle}`);
		await ann.keyboard.press('Enter');
		await ann.getByRole('button', { name: `Look on ${there}` }).waitFor();
		await clear(ann, 'an address elsewhere');
		await ann.getByRole('button', { name: `Look on ${there}` }).click();
		await ann.waitForURL(`**/c/${handle}`, { timeout: patience });
		await ann.getByRole('heading', { level: 1, name: 'The old quarry' }).waitFor();
	});

	await t.test('read before joining: posts, what is on top, comments', async () => {
		await arrives(ann, `/c/${handle}?sort=new`, 'Who has a crowbar to lend?', '#app .courses');
		await eventually(async () => {
			await ann.reload();
			await ann.locator('#app .course-featured').getByText('Helmets, please').waitFor({ timeout: 1500 });
		}, patience);
		await ann.getByRole('button', { name: 'Join: The old quarry' }).waitFor();
		await clear(ann, 'a group elsewhere');
		await ann.getByRole('link', { name: 'Who has a crowbar to lend?' }).click();
		await ann.locator('#app .post-full .body em', { hasText: 'bent' }).waitFor();
		const thread = ann.url();
		await arrives(ann, thread, 'He lends nothing.', '#app .comment .comment');
		await clear(ann, 'a thread elsewhere');
		const plain = await visitor({ javaScriptEnabled: false });
		await plain.goto(thread);
		await plain.locator('.comment').getByText('Ask the smith.').first().waitFor();
		await plain.context().close();
	});

	await t.test('found by its address, and so are its post and its keeper', async () => {
		for (const [address, path] of [
			[`${other}/c/${group}`, `/c/${handle}`],
			[`@${beaName}@${there}`, `/u/${beaName}@${there}`]
		]) {
			await ann.goto(`/search?q=${encodeURIComponent(address)}`);
			await ann.getByRole('button', { name: `Look on ${there}` }).click();
			await ann.waitForURL(`**${path}`, { timeout: patience });
		}
		await ann.goto(`/search?q=${encodeURIComponent(`${other}/post/${post.id}`)}`);
		await ann.getByRole('button', { name: `Look on ${there}` }).click();
		await ann.waitForURL('**/post/*', { timeout: patience });
		await ann.getByRole('heading', { level: 1, name: 'Who has a crowbar to lend?' }).waitFor();
		const { group: found } = await api(ann, 'GET', `/resolve?q=${encodeURIComponent('!' + handle)}`);
		assert.equal(found.handle, handle);
	});

	await t.test('joined', async () => {
		await ann.goto(`/c/${handle}`);
		await ann.getByRole('button', { name: 'Join: The old quarry' }).click();
		await eventually(async () => {
			await ann.reload();
			await ann.getByRole('button', { name: 'Leave: The old quarry' }).waitFor({ timeout: 1500 });
		}, patience);
	});

	await t.test('what is posted from here stands there', async () => {
		await ann.getByRole('link', { name: 'Post here' }).click();
		await ann.getByLabel('Title').fill('I have two crowbars');
		await ann.getByRole('textbox', { name: 'Text' }).fill('One of them is **straight**.');
		await ann.getByRole('button', { name: 'Post', exact: true }).click();
		await ann.getByRole('heading', { level: 1, name: 'I have two crowbars' }).waitFor();
		await arrives(bea, `/c/${group}?sort=new`, 'I have two crowbars', '#app .courses');
		await bea.getByRole('link', { name: 'I have two crowbars' }).click();
		await bea.locator('#app .post-full .body strong', { hasText: 'straight' }).waitFor();
		await bea.locator('#app .post-full').getByText(`${annName}@${here}`).waitFor();
		await clear(bea, 'a post from elsewhere');
	});
	const mine = ann.url();
	const theirs = bea.url();

	await t.test('comments and votes travel both ways', async () => {
		await bea.getByRole('button', { name: 'Write a comment' }).click();
		await bea.getByRole('textbox', { name: 'Write a comment' }).fill('I will fetch it tonight.');
		await bea.keyboard.press('Control+Enter');
		await bea.locator('#app .comment').getByText('I will fetch it tonight.').waitFor();
		await bea.locator('#app .post-full .vote').getByRole('button', { name: 'Vote up' }).click();
		await arrives(ann, mine, 'I will fetch it tonight.', '#app .comment');
		await eventually(async () => {
			await ann.reload();
			await ann.locator('#app .post-full .score', { hasText: /^1$/ }).waitFor({ timeout: 1500 });
		}, patience);
		await ann.locator('#app .comment').getByRole('button', { name: 'Reply', exact: true }).click();
		await ann.getByRole('textbox', { name: `Reply to ${beaName}` }).fill('Mind the gate.');
		await ann.keyboard.press('Control+Enter');
		await ann.locator('#app .comment .comment').getByText('Mind the gate.').waitFor();
		await arrives(bea, theirs, 'Mind the gate.', '#app .comment .comment');
		await ann.locator('#app .comment', { hasText: 'fetch it tonight' }).first().getByRole('button', { name: 'Vote up' }).first().click();
		await eventually(async () => {
			await bea.reload();
			await bea.locator('#app .comment .score', { hasText: /^1$/ }).first().waitFor({ timeout: 1500 });
		}, patience);
	});

	await t.test('a report from here is read by who keeps the group there', async () => {
		// Not by a moderator: nobody looks into what they did themselves.
		const found = await api(ann, 'GET', `/resolve?q=${encodeURIComponent(`${other}/post/${post.id}`)}`);
		const { items } = await api(ann, 'GET', `/posts/${found.post.id}/comments`);
		const smith = items.find((c) => c.html.includes('Ask the smith'));
		await api(ann, 'POST', `/comments/${smith.id}/reports`, { reason: 'The smith is asleep.' });
		await eventually(async () => {
			const { items: reports } = await say('GET', '/reports');
			assert.ok((reports ?? []).some((r) => r.reason.includes('The smith is asleep.')));
		}, patience);
	});

	await t.test('a post is edited and deleted, and is so there', async () => {
		await ann.goto(mine);
		await ann.locator('#app .post-full').getByRole('button', { name: 'Edit' }).click();
		await ann.getByLabel('Title').fill('I have three crowbars');
		await ann.getByRole('button', { name: 'Save' }).click();
		await arrives(bea, theirs, 'I have three crowbars', '#app .post-full');
		await ann.locator('#app .post-full').getByRole('button', { name: 'Delete' }).click();
		await ann.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
		await arrives(bea, theirs, 'Deleted by its author.', '#app .post-full');
	});
	assert.deepEqual([...ann.errors, ...bea.errors], []);
});

test('a poll is asked there, and voted in from here', options, async () => {
	const { ann, bea, group, say } = await neighbours();
	const handle = `${group}@${there}`;
	await api(ann, 'PUT', `/groups/${handle}/membership`);
	await say('POST', `/groups/${group}/posts`, {
		title: 'When do we blast?',
		poll: { options: ['At noon', 'Never'], closes_in: 3600 }
	});
	await arrives(ann, `/c/${handle}?sort=new`, 'When do we blast?', '#app .courses');
	await ann.getByRole('link', { name: 'When do we blast?' }).click();
	const poll = ann.locator('#app .poll');
	await poll.getByRole('radio', { name: 'Never' }).check();
	await poll.getByRole('button', { name: 'Vote' }).click();
	await poll.locator('.poll-mine').getByText('Never').waitFor();
	await clear(ann, 'a poll elsewhere');
	await bea.goto(`/c/${group}?sort=new`);
	await bea.getByRole('link', { name: 'When do we blast?' }).click();
	await bea.locator('#app .poll').waitFor();
	await eventually(async () => {
		await bea.reload();
		await bea.locator('#app .poll').getByText('1 person voted').waitFor({ timeout: 1500 });
	}, patience);
	await bea.locator('#app .poll').getByRole('button', { name: 'Show results' }).click();
	assert.match(await bea.locator('#app .poll-option').last().innerText(), /Never\s+100%\s+1 vote/);
	assert.deepEqual([...ann.errors, ...bea.errors], []);
});

test('who moderates a group of another server does so from their own page', options, async (t) => {
	const { ann, annName, group, say } = await neighbours();
	const handle = `${group}@${there}`;
	await api(ann, 'GET', `/resolve?q=${encodeURIComponent('!' + handle)}`);
	await api(ann, 'PUT', `/groups/${handle}/membership`);
	const eve = await visitor({ ...still, baseURL: other });
	await joinWithPassword(eve, fresh('eve'));
	const post = await api(eve, 'POST', `/groups/${group}/posts`, { title: 'Free gravel, all day', body: 'As long as it *lasts*.' });
	const theirs = `${other}/post/${post.id}`;
	await eventually(() => say('PUT', `/groups/${group}/moderators/${annName}@${here}`), patience);
	await arrives(ann, `/c/${handle}?sort=new`, 'Free gravel, all day', '#app .courses');
	await ann.getByRole('link', { name: 'Free gravel, all day' }).click();
	const full = ann.locator('#app .post-full');
	await full.locator('.body em', { hasText: 'lasts' }).waitFor();
	const hers = eve.locator('#app .post-full');
	/** Waits until eve's server shows it too. */
	const shown = (what) =>
		eventually(async () => {
			await eve.goto(theirs);
			await what().waitFor({ timeout: 1500 });
		}, patience);
	const choose = async (choice) => {
		await full.getByRole('button', { name: 'Moderate' }).click();
		const dialog = ann.getByRole('dialog');
		await dialog.getByRole('button', { name: choice }).click();
		return dialog;
	};

	await t.test('the menu is there once the other server has said so, without what it cannot do', async () => {
		await eventually(async () => {
			await ann.reload();
			await full.getByRole('button', { name: 'Moderate' }).waitFor({ timeout: 1500 });
		}, patience);
		await full.getByRole('button', { name: 'Moderate' }).click();
		const dialog = ann.getByRole('dialog');
		await dialog.getByRole('button', { name: 'Lock: no more answers …' }).waitFor();
		assert.equal(await dialog.getByRole('button', { name: 'Move to another group …' }).count(), 0);
		await clear(ann, 'the menu of who moderates elsewhere');
		await dialog.getByRole('button', { name: 'Cancel' }).click();
	});

	await t.test('a thread is locked, and unlocked', async () => {
		const dialog = await choose('Lock: no more answers …');
		await dialog.getByLabel('Reason').fill('All has been said.');
		await dialog.getByRole('button', { name: 'Lock', exact: true }).click();
		await full.locator('.badge').getByText('Locked').waitFor();
		await shown(() => hers.locator('.badge').getByText('Locked'));
		assert.equal(await eve.getByRole('button', { name: 'Write a comment' }).count(), 0);
		await choose('Unlock: let people answer');
		await full.locator('.badge').getByText('Locked').waitFor({ state: 'detached' });
		await shown(() => eve.getByRole('button', { name: 'Write a comment' }));
	});

	await t.test('a post is removed, saying why, and put back', async () => {
		const dialog = await choose('Remove …');
		await dialog.getByLabel('Reason').fill('No giving away here.');
		await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
		await full.locator('.weathered').waitFor();
		await shown(() => hers.locator('.weathered').getByText('No giving away here.'));
		await full.getByRole('button', { name: 'Put back' }).click();
		await full.locator('.body em', { hasText: 'lasts' }).waitFor();
		await shown(() => hers.locator('.body em', { hasText: 'lasts' }));
		assert.equal(await hers.locator('.weathered').count(), 0);
	});

	await t.test('the log there says who did it, and why', async () => {
		await eve.goto(`${other}/c/${group}/log`);
		await eve.locator('#app').getByText('No giving away here.').first().waitFor();
		await eve.locator('#app').getByText(`${annName}@${here}`).first().waitFor();
	});
	assert.deepEqual([...ann.errors, ...eve.errors], []);
	await eve.context().close();
});

test('people of two servers write to each other alone', options, async () => {
	const { ann, bea, annName, beaName } = await neighbours();
	await ann.goto('/messages');
	await ann.getByLabel('Write to', { exact: true }).fill(`@${beaName}@${there}`);
	await ann.keyboard.press('Enter');
	await ann.waitForURL(`**/messages/${beaName}@${there}`, { timeout: patience });
	await ann.getByText(`besides those who run this server or ${there}`).waitFor();
	await ann.getByRole('textbox', { name: `Write to ${beaName}` }).fill('Is the smith **your** uncle?');
	await ann.getByRole('button', { name: 'Send' }).click();
	await ann.locator('#app .letter strong', { hasText: 'your' }).waitFor();
	await arrives(bea, '/messages', `${annName}@${here}`, '#app .course-new');
	await bea.locator('#app .course-new').getByRole('link', { name: annName }).click();
	await bea.locator('#app .letter strong', { hasText: 'your' }).waitFor();
	await bea.getByRole('textbox', { name: `Write to ${annName}` }).fill('My great-uncle.');
	await bea.getByRole('button', { name: 'Send' }).click();
	await arrives(ann, `/messages/${beaName}@${there}`, 'My great-uncle.', '#app .letter');
	await clear(ann, 'a conversation with another server');
	// Changed there, and taken back there.
	await bea.locator('#app .letter-mine').getByRole('button', { name: 'Edit' }).click();
	await bea.getByRole('textbox', { name: 'Edit your message' }).fill('My godfather.');
	await bea.getByRole('button', { name: 'Save' }).click();
	await arrives(ann, `/messages/${beaName}@${there}`, 'My godfather.', '#app .letter');
	await bea.locator('#app .letter-mine').getByRole('button', { name: 'Take back' }).click();
	await bea.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
	await arrives(ann, `/messages/${beaName}@${there}`, 'This message was taken back.', '#app .letter');

	// Nobody else there reads it.
	const cat = await visitor({ baseURL: other });
	await joinWithPassword(cat, fresh('cat'));
	for (const path of ['/messages', `/messages/${beaName}`, `/messages/${annName}@${here}`, '/search?q=smith&kind=comments']) {
		await cat.goto(path);
		await cat.locator('#app h1').first().waitFor();
		assert.doesNotMatch(await cat.content(), /your<\/strong> uncle/, path);
	}
	await cat.context().close();
	assert.deepEqual([...ann.errors, ...bea.errors], []);
});
