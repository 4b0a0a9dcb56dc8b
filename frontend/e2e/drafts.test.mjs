// What is begun on one device goes on on another, and waits until its time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barriers, overflow } from './barriers.mjs';
import { api, base, fresh, joinWithPassword, password, visitor, withBrowser } from './browser.mjs';

withBrowser();

/** Nothing in the way, light and dark, at a desk and on a phone. */
async function clear(page, where) {
	for (const colorScheme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme });
		assert.deepEqual(await barriers(page), [], `${where}, ${colorScheme}`);
	}
	for (const viewport of [{ width: 390, height: 844 }, { width: 320, height: 640 }, { width: 1280, height: 900 }]) {
		await page.setViewportSize(viewport);
		assert.deepEqual(await overflow(page), [], `${where}, ${viewport.width} wide`);
	}
	await page.emulateMedia({ colorScheme: 'light' });
}

/** One person at a desk and with a phone, in a group of their own. */
async function devices() {
	const [desk, phone] = [await visitor({ reducedMotion: 'reduce' }), await visitor({ reducedMotion: 'reduce' })];
	const name = fresh('wri');
	await joinWithPassword(desk, name);
	await api(phone, 'POST', '/session', { name, password });
	const group = fresh('desk');
	await api(desk, 'POST', '/groups', { name: group, title: 'The desk' });
	return { desk, phone, group };
}

const kept = (page) => page.getByText('Your draft is kept for all your devices.').waitFor();
const title = (page) => page.getByRole('textbox', { name: 'Title' });
const text = (page) => page.getByRole('textbox', { name: 'Text', exact: true });

test('a post begun on one device goes on on another, and is posted there', async () => {
	const { desk, phone, group } = await devices();
	await desk.goto(`${base}/submit?group=${group}`);
	await title(desk).fill('Half a thought');
	await text(desk).fill('It begins');
	await desk.getByLabel('Language').selectOption('cy');
	await kept(desk);
	await clear(desk, 'a post that is kept');

	await phone.goto(`${base}/drafts`);
	await phone.getByRole('link', { name: 'Half a thought' }).click();
	await phone.getByText('This is what you began').waitFor();
	assert.equal(await text(phone).inputValue(), 'It begins');
	assert.equal(await phone.getByLabel('Language').inputValue(), 'cy');
	await text(phone).fill('It begins, and it ends');
	await kept(phone);

	// At the desk it is found as it is now.
	await desk.goto(`${base}/submit?group=${group}`);
	await desk.waitForFunction(() => document.querySelector('textarea')?.value === 'It begins, and it ends');

	await phone.getByRole('button', { name: 'Post', exact: true }).click();
	await phone.waitForURL(/\/post\/\d+$/);
	assert.equal((await api(phone, 'GET', new URL(phone.url()).pathname.replace('/post/', '/posts/'))).language, 'cy');
	await phone.goto(`${base}/drafts`);
	await phone.getByText('No drafts').waitFor();
	await clear(phone, 'no drafts');
});

test('two devices that wrote at once are asked which they want', async () => {
	const { desk, phone, group } = await devices();
	await desk.goto(`${base}/submit?group=${group}`);
	await title(desk).fill('Two minds');
	await kept(desk);
	await phone.goto(`${base}/drafts`);
	await phone.getByRole('link', { name: 'Two minds' }).click();
	await text(phone).fill('What the phone wrote');
	await kept(phone);
	await text(desk).fill('What the desk wrote');
	await desk.getByText('You wrote on elsewhere.').waitFor();
	await desk.getByText('What the phone wrote').waitFor();
	await clear(desk, 'two texts');
	await desk.getByRole('button', { name: 'Keep what is here' }).click();
	await kept(desk);
	await text(phone).fill('What the phone wrote, and on');
	await phone.getByText('What the desk wrote').waitFor();
	await phone.getByRole('button', { name: 'Take what is there' }).click();
	assert.equal(await text(phone).inputValue(), 'What the desk wrote');
});

test('an answer is kept too, and nothing is lost without a line', async () => {
	const { desk, phone, group } = await devices();
	const post = await api(desk, 'POST', `/groups/${group}/posts`, { title: 'A question', body: '?' });
	await desk.goto(`${base}/post/${post.id}?answer`);
	const field = (page) => page.getByRole('textbox', { name: /comment/i });
	await field(desk).fill('First words');
	await kept(desk);
	await desk.context().setOffline(true);
	await field(desk).fill('First words, and more');
	await desk.getByText('It goes to your other devices').waitFor();
	await desk.context().setOffline(false);
	await kept(desk);

	await phone.goto(`${base}/drafts`);
	await phone.getByRole('link', { name: /Your answer to “A question”/ }).click();
	await phone.waitForFunction(() => document.querySelector('textarea')?.value === 'First words, and more');
	await phone.getByRole('button', { name: 'Send' }).click();
	await phone.locator('.body', { hasText: 'First words, and more' }).waitFor();
	assert.deepEqual((await api(phone, 'GET', '/me/drafts')).items, []);
});

test('a post is planned, changed, kept and posted now', async () => {
	const { desk, group } = await devices();
	await desk.goto(`${base}/submit?group=${group}`);
	await title(desk).fill('Good morning');
	await desk.getByRole('button', { name: 'Post later…' }).click();
	await clear(desk, 'when to post');
	await desk.getByLabel('Day and time').fill('2001-01-01T08:00');
	await desk.getByRole('button', { name: 'Plan it' }).click();
	await desk.getByText('That time has passed.').waitFor();
	const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 11) + '08:00';
	await desk.getByLabel('Day and time').fill(tomorrow);
	await desk.getByLabel('Time zone').selectOption('Europe/Berlin');
	await desk.getByRole('button', { name: 'Plan it' }).click();
	await desk.waitForURL(/\/drafts$/);
	await desk.getByRole('heading', { name: 'Planned' }).waitFor();
	await clear(desk, 'what is planned');
	const [planned] = (await api(desk, 'GET', '/me/drafts')).items;
	assert.match(planned.publish_at, /T0[67]:00:00/);

	await desk.getByRole('link', { name: 'Good morning' }).click();
	await title(desk).fill('Good morning, all');
	await desk.getByRole('button', { name: 'Save, and post then' }).click();
	await desk.getByRole('link', { name: 'Good morning, all' }).waitFor();
	await desk.getByRole('button', { name: 'Do not post it by itself' }).click();
	await desk.getByRole('button', { name: 'Post now' }).waitFor({ state: 'detached' });
	await desk.getByRole('button', { name: 'Throw away' }).click();
	await desk.getByRole('dialog').getByRole('button', { name: 'Throw away' }).click();
	await desk.getByText('No drafts').waitFor();
});
