// Keeping posts and comments for later: what is kept shows, is listed for
// nobody else, and is let go of again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clear } from './clear.mjs';
import { api, base, fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';

withBrowser();

test('a post and a comment are kept for later, and let go of', async () => {
	const page = await visitor({ baseURL: base, reducedMotion: 'reduce' });
	await joinWithPassword(page, fresh('keeper'));
	await page.goto('/saved');
	await page.getByText('Nothing is saved yet').waitFor();
	await clear(page, 'nothing saved');

	const group = fresh('shelf');
	await api(page, 'POST', '/groups', { name: group });
	const post = await api(page, 'POST', `/groups/${group}/posts`, { title: 'How to stack a wall', body: 'Large ones first.' });
	const comment = await api(page, 'POST', `/posts/${post.id}/comments`, { body: 'And no mortar.' });
	await page.goto(`/post/${post.id}`);
	const colour = (button) => button.evaluate((el) => getComputedStyle(el).color);
	const save = page.getByRole('button', { name: 'Save', exact: true });
	await save.nth(1).waitFor(); // one for the post, one for the comment
	const before = await colour(save.first());
	await save.first().click();
	const saved = page.getByRole('button', { name: 'Saved', exact: true });
	await saved.first().waitFor();
	assert.equal(await saved.first().getAttribute('aria-pressed'), 'true');
	assert.notEqual(await colour(saved.first()), before, 'what is kept looks otherwise');
	await save.click();
	await saved.nth(1).waitFor();
	await clear(page, 'a thread with kept things');

	await page.goto('/saved');
	await page.getByRole('link', { name: 'How to stack a wall' }).first().waitFor();
	await page.getByText('And no mortar.').waitFor();
	await clear(page, 'what is saved');
	const other = await visitor({ baseURL: base });
	await joinWithPassword(other, fresh('other'));
	await other.goto('/saved');
	await other.getByText('Nothing is saved yet').waitFor();
	await other.context().close();

	await page.goto(`/post/${post.id}`);
	await saved.first().click();
	await save.first().waitFor();
	await page.goto('/saved');
	await page.getByText('And no mortar.').waitFor();
	assert.equal(await page.getByText('Large ones first.').count(), 0);
});
