// Asking, voting, and saying what the answer was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barriers, overflow } from './barriers.mjs';
import { api, fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';

withBrowser();

const phone = { width: 390, height: 844 };
const desktop = { width: 1280, height: 900 };

/** Nothing in the way, light and dark, at a desk and on a phone. */
async function clear(page, where) {
	for (const colorScheme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme });
		assert.deepEqual(await barriers(page), [], `${where}, ${colorScheme}`);
	}
	for (const viewport of [phone, { width: 320, height: 640 }, desktop]) {
		await page.setViewportSize(viewport);
		assert.deepEqual(await overflow(page), [], `${where}, ${viewport.width} wide`);
	}
	await page.emulateMedia({ colorScheme: 'light' });
}

let people;
async function twoPeople() {
	// Still: colours that are on their way have no contrast that could be measured.
	const [asker, voter] = [await visitor({ reducedMotion: 'reduce' }), await visitor({ reducedMotion: 'reduce' })];
	const [askerName, voterName] = [fresh('ask'), fresh('vot')];
	await joinWithPassword(asker, askerName);
	await joinWithPassword(voter, voterName);
	const group = fresh('moot');
	await api(asker, 'POST', '/groups', { name: group, title: 'The moot' });
	return { asker, voter, askerName, voterName, group };
}
const neighbours = () => (people ??= twoPeople());

test('a poll is put together, kept as a draft, published, and voted in', async (t) => {
	const { asker, voter, group } = await neighbours();
	const option = (page, n) => page.getByRole('textbox', { name: `Option ${n}`, exact: true });
	const options = async (page) =>
		page.locator('.pollfields ol input').evaluateAll((all) => all.map((input) => input.value));

	await t.test('options are added, moved and removed by keys and by buttons', async () => {
		await asker.goto(`/submit?group=${group}`);
		await asker.getByLabel('Title').fill('Which evening?');
		await asker.getByRole('button', { name: 'Add a poll' }).click();
		await asker.keyboard.type('Sunday');
		await asker.keyboard.press('Enter');
		await asker.keyboard.type('Friday');
		await asker.keyboard.press('Enter'); // a third one
		await asker.keyboard.type('Saturday');
		await asker.keyboard.press('Alt+ArrowUp');
		assert.deepEqual(await options(asker), ['Sunday', 'Saturday', 'Friday']);
		assert.equal(await option(asker, 2).evaluate((el) => el === document.activeElement), true, 'the focus goes along');
		await asker.getByRole('button', { name: 'Move option 1 down' }).click();
		await asker.getByRole('button', { name: 'Move option 2 down' }).click();
		assert.deepEqual(await options(asker), ['Saturday', 'Friday', 'Sunday']);
		const stays = asker.getByRole('button', { name: 'Move option 3 down' });
		assert.equal(await stays.evaluate((el) => el === document.activeElement), true, 'a button keeps the focus');
		await asker.getByRole('status').getByText('Option 3 of 3 now.').waitFor({ state: 'attached' });
		await asker.getByRole('button', { name: 'Move option 3 up' }).click();
		await asker.getByRole('button', { name: 'Remove option 2' }).click();
		assert.deepEqual(await options(asker), ['Saturday', 'Friday']);
		assert.equal(await asker.getByRole('button', { name: 'Remove option 1' }).isDisabled(), true, 'two stay');
		await clear(asker, 'while asking');
	});

	await t.test('a draft keeps it', async () => {
		await asker.getByLabel('Several can be chosen').check();
		await asker.getByLabel('How long does it run?').selectOption({ label: '3 days' });
		await asker.goto('about:blank');
		await asker.goto(`/submit?group=${group}`);
		await asker.getByText('This is what you began').waitFor();
		assert.deepEqual(await options(asker), ['Saturday', 'Friday']);
		assert.equal(await asker.getByLabel('Several can be chosen').isChecked(), true);
	});

	await t.test('what is wrong stands where it is wrong', async () => {
		await option(asker, 2).fill(' saturday ');
		await asker.getByRole('button', { name: 'Post', exact: true }).click();
		await asker.getByText('This is there already.').waitFor();
		assert.equal(await option(asker, 2).getAttribute('aria-invalid'), 'true');
		assert.equal(await option(asker, 2).evaluate((el) => el === document.activeElement), true);
		await option(asker, 2).fill('');
		await asker.getByRole('button', { name: 'Post', exact: true }).click();
		await asker.getByText('a poll has at least two options').waitFor();
		await clear(asker, 'what is wrong');
		// What only the server finds is said at the poll too.
		await asker.route('**/api/v1/groups/*/posts', (route) =>
			route.fulfill({
				status: 422,
				contentType: 'application/problem+json',
				body: JSON.stringify({
					status: 422,
					title: 'Unprocessable',
					detail: 'No polls there.',
					code: 'invalid',
					errors: [{ location: 'body.poll', message: 'That server has no polls.' }]
				})
			})
		);
		await option(asker, 2).fill('Friday');
		await asker.getByRole('button', { name: 'Post', exact: true }).click();
		await asker.locator('.pollfields .field-error').getByText('That server has no polls.').waitFor();
		await asker.unroute('**/api/v1/groups/*/posts');
	});

	await t.test('it is published, and its author votes', async () => {
		await asker.getByRole('button', { name: 'Post', exact: true }).click();
		await asker.getByRole('heading', { level: 1, name: 'Which evening?' }).waitFor();
		const poll = asker.locator('.poll');
		await poll.getByText('Ends in 3 days').waitFor();
		await poll.getByText('A vote is final.').waitFor();
		await poll.getByRole('button', { name: 'Vote' }).click();
		await poll.getByRole('alert').getByText('Choose something first.').waitFor();
		await clear(asker, 'before voting');
		await poll.getByRole('checkbox', { name: 'Saturday' }).check();
		await poll.getByRole('checkbox', { name: 'Friday' }).check();
		await poll.getByRole('button', { name: 'Vote' }).click();
		await poll.getByText('1 person voted').waitFor();
		assert.equal(await poll.locator('.poll-mine').count(), 2);
		assert.equal(await poll.evaluate((el) => el === document.activeElement), true, 'the focus stays at the poll');
	});
	const thread = new URL(asker.url()).pathname;

	await t.test('somebody else looks first, votes, and sees the result', async () => {
		await voter.goto(thread);
		const poll = voter.locator('#app .poll');
		await poll.getByRole('button', { name: 'Show results' }).click();
		assert.match((await poll.locator('.poll-option').first().textContent()) ?? '', /Saturday\s+100%\s*1 vote/);
		await clear(voter, 'looking first');
		await poll.getByRole('button', { name: 'Back to voting' }).click();
		await poll.getByRole('checkbox', { name: 'Friday' }).check();
		await poll.getByRole('button', { name: 'Vote' }).click();
		await voter.getByText('Your vote counts.').waitFor();
		const rows = await poll.locator('.poll-option').evaluateAll((all) => all.map((li) => li.textContent.replace(/\s+/g, ' ').trim()));
		assert.deepEqual(rows, ['Saturday 50% 1 vote', 'Friday Your choice 100% 2 votes']);
		await poll.getByText('2 people voted').waitFor();
		await clear(voter, 'after voting');
		await voter.reload();
		await poll.locator('.poll-mine').getByText('Friday').waitFor();
		assert.equal(await poll.getByRole('button').count(), 0, 'nobody votes twice');
	});

	await t.test('a list says that there is one', async () => {
		await voter.goto(`/c/${group}`);
		await voter.locator('#app .course').getByText('Poll, 2 options, ends in 3 days').waitFor();
		await clear(voter, 'in a list');
	});

	await t.test('a guest sees how it stands, with and without JavaScript', async () => {
		const guest = await visitor({ reducedMotion: 'reduce' });
		await guest.goto(thread);
		await guest.locator('#app .poll').getByText('2 people voted').waitFor();
		const way = await guest.locator('#app .poll').getByRole('link', { name: 'Sign in to vote' }).getAttribute('href');
		assert.equal(way, `/login?next=${encodeURIComponent(thread)}`);
		await guest.getByText('answer or vote from your own server').waitFor();
		await clear(guest, 'a guest');
		await guest.context().close();
		const plain = await visitor({ javaScriptEnabled: false });
		await plain.goto(thread);
		assert.match((await plain.locator('.poll').textContent()) ?? '', /Friday\s+100%\s+2 votes/);
		const bar = await plain.locator('.poll-bar').last().boundingBox();
		assert.ok(bar && bar.width > 300 && bar.height < 20, 'the bar has its line to itself');
		await plain.context().close();
	});

	await t.test('its author edits the words, and the poll stays', async () => {
		await asker.getByRole('button', { name: 'Edit' }).click();
		await asker.getByText('The poll stays as it is').waitFor();
		assert.equal(await asker.getByRole('button', { name: 'Add a poll' }).count(), 0);
		await asker.getByLabel('Title').fill('Which evening suits you?');
		await asker.getByRole('button', { name: 'Save' }).click();
		await asker.locator('.poll-mine').first().waitFor();
	});
	assert.deepEqual([...asker.errors, ...voter.errors], []);
});

test('of one choice there is one, and a vote that fails is taken back', async () => {
	const { asker, voter, group } = await neighbours();
	const post = await api(asker, 'POST', `/groups/${group}/posts`, {
		title: 'Tea?',
		poll: { options: ['Yes', 'No'], closes_in: 3600 }
	});
	await voter.goto(`/post/${post.id}`);
	const poll = voter.locator('#app .poll');
	await poll.getByRole('radio', { name: 'Yes' }).check();
	await poll.getByRole('radio', { name: 'No' }).check();
	assert.equal(await poll.getByRole('radio', { checked: true }).count(), 1);
	await voter.context().setOffline(true);
	await poll.getByRole('button', { name: 'Vote' }).click();
	await voter.getByRole('status').getByText('Your vote did not count').waitFor();
	await poll.getByRole('button', { name: 'Vote' }).waitFor();
	await voter.context().setOffline(false);
	await poll.getByRole('button', { name: 'Vote' }).click();
	await poll.locator('.poll-mine').getByText('No').waitFor();
	assert.deepEqual(voter.errors, []);
});

test('who asked says what the answer was, and changes their mind', async () => {
	const { asker, voter, voterName, group } = await neighbours();
	const post = await api(asker, 'POST', `/groups/${group}/posts`, { title: 'How deep a footing?' });
	await api(voter, 'POST', `/posts/${post.id}/comments`, { body: 'As deep as the **frost**.' });
	await api(voter, 'POST', `/posts/${post.id}/comments`, { body: 'Deeper.' });

	await voter.goto(`/post/${post.id}`);
	await voter.locator('#app .comment').first().waitFor();
	assert.equal(await voter.getByRole('button', { name: 'This answers it' }).count(), 0, 'only who asked says so');

	await asker.goto(`/post/${post.id}`);
	const frost = asker.locator('#app .comment', { hasText: 'frost' });
	await frost.getByRole('button', { name: 'This answers it' }).click();
	await asker.locator('#app .answer .body strong', { hasText: 'frost' }).waitFor();
	await frost.locator('.meta').getByText('Chosen answer').waitFor();
	await asker.getByRole('status').getByText('Chosen as the answer').waitFor();
	await clear(asker, 'with an answer');

	const other = asker.locator('#app .comment', { hasText: 'Deeper.' });
	await other.getByRole('button', { name: 'This answers it' }).click();
	await asker.locator('#app .answer').getByText('Deeper.').waitFor();
	assert.equal(await asker.locator('#app .comment').getByText('Chosen answer').count(), 1);

	// It stands above the thread for everybody, and a list says so.
	await voter.goto(`/c/${group}`);
	await voter.locator('#app .course', { hasText: 'How deep' }).getByText('Answered').waitFor();
	await voter.goto(`/post/${post.id}?sort=old`);
	await voter.locator('#app .answer').getByText(voterName).waitFor();
	await voter.locator('#app .answer').getByRole('link', { name: 'See it in the thread' }).click();
	await voter.waitForURL('**#comment-*');
	const plain = await visitor({ javaScriptEnabled: false });
	await plain.goto(`/post/${post.id}`);
	await plain.locator('.answer').getByText('Deeper.').waitFor();
	await plain.context().close();

	await other.getByRole('button', { name: 'Not the answer after all' }).click();
	await asker.locator('#app .answer').waitFor({ state: 'detached' });
	await asker.reload();
	await frost.waitFor();
	assert.equal(await asker.locator('#app .answer').count(), 0);
	assert.deepEqual([...asker.errors, ...voter.errors], []);
});

test('in a group whose server knows no polls none is offered, with a reason', async () => {
	const { asker } = await neighbours();
	await asker.route('**/api/v1/groups/books%40lemmy.example', async (route) => {
		const { items } = await (await asker.request.get('/api/v1/groups')).json();
		await route.fulfill({ json: { ...items[0], host: 'lemmy.example', no_polls: true } });
	});
	await asker.goto('/submit?group=books@lemmy.example');
	await asker.getByText('lemmy.example runs software without polls').waitFor();
	assert.equal(await asker.getByRole('button', { name: 'Add a poll' }).count(), 0);
	await asker.getByLabel('Group').fill('garden');
	await asker.getByRole('button', { name: 'Add a poll' }).waitFor();
	assert.deepEqual(asker.errors, []);
});
