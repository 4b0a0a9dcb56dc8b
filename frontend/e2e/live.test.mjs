// What arrives while a page stands open, without loading it again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barriers, overflow } from './barriers.mjs';
import { api, fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';

withBrowser();

/** Nothing in the way, light and dark, at a desk and on a phone. */
async function clear(page, where) {
	for (const colorScheme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme });
		assert.deepEqual(await barriers(page), [], `${where}, ${colorScheme}`);
	}
	for (const viewport of [{ width: 390, height: 844 }, { width: 1280, height: 900 }]) {
		await page.setViewportSize(viewport);
		assert.deepEqual(await overflow(page), [], `${where}, ${viewport.width} wide`);
	}
	await page.emulateMedia({ colorScheme: 'light' });
}

/** The page's connection, once it listens to what is given. */
const listening = (page, what) =>
	page.waitForResponse((answer) => answer.url().includes('/api/v1/stream') && decodeURIComponent(answer.url()).includes(what));

test('new posts and notifications arrive by themselves', async (t) => {
	const [readers, writers] = ['reader', 'writer'].map(fresh);
	const reader = await visitor({ reducedMotion: 'reduce' });
	const writer = await visitor({ reducedMotion: 'reduce' });
	await joinWithPassword(reader, readers);
	await joinWithPassword(writer, writers);
	const group = fresh('live');
	await api(writer, 'POST', '/groups', { name: group, title: 'Live' });
	const post = (title) => api(writer, 'POST', `/groups/${group}/posts`, { title });
	const first = await post('First stone');
	const bar = reader.locator('#app [role=status] button');

	await t.test('a list says how many are new, and does not move', async () => {
		const heard = listening(reader, `feed=c/${group}`);
		await reader.goto(`/c/${group}?sort=new`);
		await heard;
		const row = reader.locator('#app .course').filter({ hasText: 'First stone' });
		const before = await row.boundingBox();
		await post('Second stone');
		await bar.getByText('1 new post', { exact: true }).waitFor();
		await post('Third stone');
		await bar.getByText('2 new posts').waitFor();
		assert.deepEqual(await row.boundingBox(), before);
		assert.equal(await reader.getByText('Second stone').count(), 0, 'it comes when it is asked for');
		await clear(reader, 'with new posts');
		await bar.focus();
		await reader.keyboard.press('Enter');
		await reader.locator('#app').getByText('Third stone').waitFor();
		await bar.waitFor({ state: 'detached' });
	});

	await t.test('one’s own are not news', async () => {
		await api(reader, 'PUT', `/groups/${group}/membership`);
		await api(reader, 'POST', `/groups/${group}/posts`, { title: 'My own stone' });
		await post('Fourth stone');
		await bar.getByText('1 new post', { exact: true }).waitFor();
	});

	await t.test('the bell says that somebody answered', async () => {
		const mine = await api(reader, 'POST', `/groups/${group}/posts`, { title: 'Who answers?' });
		const heard = listening(reader, '/stream');
		await reader.goto('/explore');
		await heard;
		await api(writer, 'POST', `/posts/${mine.id}/comments`, { body: 'I do, at once.' });
		await reader.getByRole('link', { name: /1 unread|1 new|Inbox/ }).locator('.count').filter({ hasText: '1' }).first().waitFor();
		assert.ok(first.id);
	});

	await t.test('the inbox has nothing in the way', async () => {
		await reader.goto('/notifications');
		await reader.locator('#app').getByText('I do, at once.').waitFor();
		await clear(reader, 'the inbox');
		await reader.goto('/settings/notifications');
		await reader.locator('#app').getByRole('heading', { level: 1 }).waitFor();
		await clear(reader, 'how one is told');
	});

	await t.test('the inbox is read without JavaScript, too', async () => {
		const cookies = await reader.context().cookies();
		const plain = await visitor({ javaScriptEnabled: false });
		await plain.context().addCookies(cookies);
		await plain.goto('/notifications?unread');
		await plain.getByText('I do, at once.').waitFor();
		await plain.getByRole('button', { name: 'Mark all as read' }).click();
		await plain.waitForURL('**/notifications');
		assert.equal(await plain.getByRole('button', { name: 'Mark all as read' }).count(), 0);
		await plain.getByRole('link', { name: 'answered you' }).click();
		await plain.waitForURL('**/comment/*');
	});
});
