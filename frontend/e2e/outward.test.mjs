// What leaves this server by hand: a link, and a frame for somebody's own page.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { barriers, overflow } from './barriers.mjs';
import { api, base, fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';

withBrowser();

/** Serves one page of somebody else's, which shows what is given. */
async function elsewhere(t, html) {
	const server = createServer((_, answer) => {
		answer.setHeader('content-type', 'text/html; charset=utf-8');
		answer.end(`<!doctype html><html lang="en"><title>Elsewhere</title><main><h1>Elsewhere</h1>${html}</main>`);
	});
	await new Promise((done) => server.listen(0, '127.0.0.1', done));
	t.after(() => server.close());
	return `http://127.0.0.1:${server.address().port}/`;
}

test('a post is shared, and shown on a page of somebody else', async (t) => {
	const author = await visitor({ reducedMotion: 'reduce' });
	await joinWithPassword(author, fresh('sharer'));
	const group = fresh('shared');
	await api(author, 'POST', '/groups', { name: group, title: 'Shared things' });
	const post = await api(author, 'POST', `/groups/${group}/posts`, { title: 'A wall to lean on', body: 'Built **dry**, of course.' });
	await api(author, 'POST', `/posts/${post.id}/comments`, { body: 'It stands since 1820.' });
	let code;

	await t.test('the dialog has the link and the code', async () => {
		const reader = await visitor({ reducedMotion: 'reduce' });
		await reader.goto(`/post/${post.id}`);
		await reader.locator('#app article').getByRole('button', { name: 'Share', exact: true }).first().click();
		const dialog = reader.getByRole('dialog', { name: 'Share' });
		assert.equal(await dialog.getByLabel('Link').inputValue(), post.url);
		const box = dialog.getByLabel('Code for your own page');
		await box.waitFor();
		code = await box.inputValue();
		assert.match(code, /^<iframe src="[^"]*\/embed\/post\/\d+"/);
		for (const colorScheme of ['light', 'dark']) {
			await reader.emulateMedia({ colorScheme });
			assert.deepEqual(await barriers(reader), [], colorScheme);
		}
		await reader.setViewportSize({ width: 390, height: 844 });
		assert.deepEqual(await overflow(reader), []);
		await reader.keyboard.press('Escape');
		await dialog.waitFor({ state: 'detached' });
		assert.equal(await reader.evaluate(() => document.activeElement?.textContent?.trim()), 'Share');
	});

	await t.test('the frame shows it elsewhere, and leads back', async () => {
		const stranger = await visitor({ reducedMotion: 'reduce' });
		const errors = [];
		stranger.on('console', (said) => said.type() === 'error' && errors.push(said.text()));
		await stranger.goto(await elsewhere(t, code));
		const frame = stranger.frameLocator('iframe');
		await frame.getByText('of course').waitFor();
		const painted = () => frame.locator('body').evaluate((el) => getComputedStyle(el).backgroundColor);
		await stranger.emulateMedia({ colorScheme: 'light' });
		const light = await painted();
		await stranger.emulateMedia({ colorScheme: 'dark' });
		assert.notEqual(await painted(), light, 'it keeps to light or dark');
		assert.deepEqual(errors, []);
		assert.deepEqual(await stranger.context().cookies(base), [], 'nobody is followed');
		await frame.getByRole('link', { name: 'A wall to lean on' }).click();
		await stranger.waitForURL(post.url);
	});

	await t.test('the page in the frame has nothing in the way', async () => {
		const reader = await visitor({ reducedMotion: 'reduce' });
		for (const path of [`/embed/post/${post.id}?answers=3`, '/embed/post/999999999']) {
			await reader.goto(path);
			for (const colorScheme of ['light', 'dark']) {
				await reader.emulateMedia({ colorScheme });
				assert.deepEqual(await barriers(reader), [], `${path}, ${colorScheme}`);
			}
			await reader.setViewportSize({ width: 320, height: 420 });
			assert.deepEqual(await overflow(reader), [], path);
		}
	});

	await t.test('a whole page is not framed', async () => {
		const stranger = await visitor({ reducedMotion: 'reduce' });
		await stranger.goto(await elsewhere(t, `<iframe src="${post.url}" title="x"></iframe>`));
		await stranger.waitForFunction(() => document.readyState === 'complete');
		assert.equal(await stranger.frameLocator('iframe').getByText('of course').count(), 0);
	});

	await t.test('what only members read has no code', async () => {
		const shut = fresh('shut');
		await api(author, 'POST', '/groups', { name: shut, title: 'Shut', visibility: 'private' });
		const secret = await api(author, 'POST', `/groups/${shut}/posts`, { title: 'In the cellar' });
		await author.goto(`/post/${secret.id}`);
		await author.locator('#app article').getByRole('button', { name: 'Share', exact: true }).first().click();
		const dialog = author.getByRole('dialog', { name: 'Share' });
		await dialog.getByText('Not everybody can read this').waitFor();
		assert.equal(await dialog.getByLabel('Code for your own page').count(), 0);
		await dialog.getByRole('button', { name: 'Copy link' }).waitFor();
	});
});
