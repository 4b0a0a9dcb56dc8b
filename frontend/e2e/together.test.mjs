// What needs two people: answering, noticing, looking after.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, eventually, fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';

withBrowser();

let people;

/** Two signed-in people; servers rightly wonder about too many sign-ups. */
async function twoPeople() {
	const keeper = await visitor();
	const guest = await visitor();
	const keeperName = fresh('keep');
	const guestName = fresh('guest');
	await joinWithPassword(keeper, keeperName);
	await joinWithPassword(guest, guestName);
	return { keeper, guest, keeperName, guestName };
}

/** A keeper with a new group and a post, and a guest who commented on it. */
async function neighbours() {
	const { keeper, guest, ...names } = await (people ??= twoPeople());
	const group = fresh('gate');
	await api(keeper, 'POST', '/groups', { name: group, title: 'The gate' });
	const post = await api(keeper, 'POST', `/groups/${group}/posts`, { title: 'Who left it open?' });
	await api(guest, 'POST', `/posts/${post.id}/comments`, { body: 'Buy my **hinges**!' });
	const leave = () => assert.deepEqual([...keeper.errors, ...guest.errors], []);
	return { keeper, guest, ...names, group, post, leave };
}

test('a moderator removes with a reason, everybody can read it, and it can be put back', async () => {
	const { keeper, guest, post, leave } = await neighbours();
	await keeper.goto(`/post/${post.id}`);
	await keeper.locator('.comment').getByRole('button', { name: 'Moderate' }).click();
	const dialog = keeper.getByRole('dialog');
	await dialog.getByRole('button', { name: 'Remove …' }).click();
	await dialog.getByLabel('Reason').fill('No selling here.');
	await dialog.getByRole('button', { name: 'Remove' }).click();
	await keeper.locator('.comment .weathered').getByText('No selling here.').waitFor();

	await guest.goto(`/post/${post.id}`);
	await guest.locator('.comment .weathered').getByText('No selling here.').waitFor();
	assert.equal(await guest.locator('.comment .body').count(), 0, 'the stone stays, the words are gone');

	await keeper.reload();
	await keeper.locator('.comment').getByRole('button', { name: 'Put back' }).click();
	// Leaving at once would take the question back.
	await keeper.locator('.comment .weathered').waitFor({ state: 'detached' });
	await keeper.reload();
	await keeper.locator('.comment .body').getByText('hinges').waitFor();
	leave();
});

test('a moderator moves a thread to another group of theirs, and both logs say so', async () => {
	const { keeper, guest, group, post, leave } = await neighbours();
	await keeper.goto(`/post/${post.id}`);
	const moderate = () => keeper.locator('.post-full').getByRole('button', { name: 'Moderate' }).click();
	const other = fresh('yard');
	await api(keeper, 'POST', '/groups', { name: other, title: `The yard ${other}` });
	await moderate();
	const dialog = keeper.getByRole('dialog');
	await dialog.getByRole('button', { name: 'Move to another group …' }).click();
	await dialog.getByLabel('To which group?').selectOption(other);
	await dialog.getByLabel('Reason').fill('It is the gate of the yard.');
	await dialog.getByRole('button', { name: 'Move', exact: true }).click();
	await keeper.locator(`.post-full a[href="/c/${other}"]`).waitFor();
	await keeper.locator('.comment .body').getByText('hinges').waitFor();

	for (const [where, said] of [[group, 'moved a thread to'], [other, 'moved a thread here from']]) {
		await guest.goto(`/c/${where}/log`);
		await guest.getByText(said).waitFor();
		await guest.getByText('It is the gate of the yard.').waitFor();
	}
	leave();
});

test('an answer is noticed, opened and read', async () => {
	const { keeper, guestName, post, leave } = await neighbours();
	const bell = keeper.locator('.topacts a[href="/notifications"]');
	await eventually(async () => {
		await keeper.goto('/');
		await bell.waitFor();
		assert.match((await bell.getAttribute('aria-label')) ?? '', /\d new/);
	});
	await bell.click();
	const row = keeper.locator('.course-new').first();
	await row.getByText(guestName).waitFor();
	await row.getByText('answered you').click();
	await keeper.waitForURL('**/comment/*');
	await keeper.locator('.comment.is-target .body').getByText('hinges').waitFor();
	await keeper.getByRole('link', { name: 'The whole thread' }).click();
	await keeper.waitForURL(`**/post/${post.id}`);
	await keeper.goto('/notifications');
	await keeper.getByRole('button', { name: 'Mark all as read' }).click();
	await keeper.locator('.course-new').first().waitFor({ state: 'detached' });
	await eventually(async () => assert.equal(await bell.getAttribute('aria-label'), 'Inbox'));
	leave();
});

test('going back finds the list as it was left', async () => {
	const { keeper, group, leave } = await neighbours();
	for (let i = 0; i < 29; i++) {
		await api(keeper, 'POST', `/groups/${group}/posts`, { title: `Post number ${i}`, body: 'Words.' });
	}
	await keeper.goto(`/c/${group}?sort=new`);
	await keeper.locator('#app .course').nth(20).scrollIntoViewIfNeeded();
	const before = await keeper.evaluate(() => scrollY);
	assert.ok(before > 300);
	await keeper.locator('#app .course').nth(20).locator('[data-act=open]').click();
	await keeper.locator('.post-full').waitFor();
	await keeper.goBack();
	await keeper.locator('#app .course').nth(20).waitFor();
	await eventually(async () => {
		const now = await keeper.evaluate(() => scrollY);
		assert.ok(Math.abs(now - before) < 5, `${now} instead of ${before}`);
	});

	// The rest is a page of its own, with an address of its own.
	await keeper.getByRole('link', { name: 'More posts' }).click();
	await keeper.waitForURL('**cursor=*');
	await keeper.getByRole('link', { name: 'Post number 0' }).waitFor();
	assert.equal(await keeper.locator('#app .course').count(), 5);
	await keeper.getByRole('link', { name: 'Back to the start' }).click();
	await keeper.getByRole('link', { name: 'Post number 28' }).waitFor();
	leave();
});

test('search finds what is here, and says plainly when nobody knows it elsewhere', async () => {
	const { keeper, group, guestName, leave } = await neighbours();
	await eventually(async () => {
		await keeper.goto(`/search?q=${group}`);
		await keeper.locator('.course-group').getByRole('link', { name: 'The gate' }).waitFor({ timeout: 1000 });
	});
	await keeper.goto(`/search?q=${guestName}&kind=people`);
	await keeper.locator('.course .post-title').getByText(guestName).waitFor();
	await keeper.goto('/search?q=' + encodeURIComponent('https://nowhere.invalid/post/1'));
	await keeper.getByRole('button', { name: 'Look on nowhere.invalid' }).click();
	const said = keeper.locator('main [role=alert]');
	await said.waitFor({ timeout: 20_000 });
	assert.match((await said.textContent()) ?? '', /\S+ \S+/);
	leave();
});

test('moving away is explained, asked for, and needs the other end', async () => {
	const { keeper, leave } = await neighbours();
	await keeper.goto('/settings/data');
	const moving = keeper.locator('section').filter({ has: keeper.getByRole('heading', { name: 'Moving', exact: true }) });
	await moving.getByLabel('Your new account').fill('@me@nowhere.invalid');
	await moving.getByRole('button', { name: 'Move', exact: true }).click();
	const dialog = keeper.getByRole('dialog');
	await dialog.getByText('You cannot post or comment from here any more').waitFor();
	await dialog.getByRole('button', { name: 'Move', exact: true }).click();
	await moving.locator('[role=alert]').waitFor({ timeout: 20_000 });
	await keeper.goto('/submit');
	await keeper.getByRole('heading', { level: 1 }).waitFor();
	assert.equal(await keeper.locator('main [role=alert]').count(), 0);
	leave();
});

test('a visitor answers a comment from their own server, and is told when it is none', async () => {
	const { post, leave } = await neighbours();
	const stranger = await visitor();
	await stranger.goto(`/post/${post.id}`);
	await stranger.locator('#app .comment').getByRole('button', { name: 'Use your own server' }).click();
	const dialog = stranger.getByRole('dialog');
	await dialog.getByLabel('Your account elsewhere').fill('@me@nowhere.invalid');
	await dialog.getByRole('button', { name: 'Take me there' }).click();
	await dialog.locator('[role=alert]').waitFor({ timeout: 20_000 });
	assert.deepEqual(stranger.errors, []);
	await stranger.context().close();
	leave();
});

test('what was begun on another server goes on here', async () => {
	const { guest, post, leave } = await neighbours();
	await guest.goto('/submit?title=Seen%20elsewhere&body=Look%20at%20this&answers={inReplyTo}');
	assert.equal(await guest.getByRole('textbox', { name: 'Title' }).inputValue(), 'Seen elsewhere');
	await guest.goto(`/submit?title=&body=${encodeURIComponent('Me too, since spring.')}&answers=${encodeURIComponent(post.url)}`);
	await guest.waitForURL(`**/post/${post.id}?answer`);
	await eventually(async () =>
		assert.equal(await guest.getByRole('textbox', { name: 'Write a comment' }).inputValue(), 'Me too, since spring.')
	);
	await guest.goto(`/authorize_interaction?uri=${encodeURIComponent(post.url)}&do=like`);
	await guest.getByRole('button', { name: 'Vote up' }).click();
	await guest.waitForURL(`**/post/${post.id}`);
	await guest.locator('#app .post-full [data-act=up][aria-pressed=true]').waitFor();
	leave();
});
