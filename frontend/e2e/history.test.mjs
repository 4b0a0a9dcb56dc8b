// What something said before it was changed, for whoever may read it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barriers, overflow } from './barriers.mjs';
import { api, base, fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';

withBrowser();

test('“edited” opens what was changed', async () => {
	const [author, guest] = [await visitor({ reducedMotion: 'reduce' }), await visitor({ reducedMotion: 'reduce' })];
	await joinWithPassword(author, fresh('edi'));
	const group = fresh('past');
	await api(author, 'POST', '/groups', { name: group });
	const post = await api(author, 'POST', `/groups/${group}/posts`, { title: 'Seed swap', body: 'Bring your seeds on Friday.' });
	const answer = await api(author, 'POST', `/posts/${post.id}/comments`, { body: 'I bring beans.' });
	await api(author, 'PATCH', `/posts/${post.id}`, { title: 'Seed swap, moved', body: 'Bring your seeds on Saturday.' });
	await api(author, 'PATCH', `/comments/${answer.id}`, { body: 'I bring beans and peas.' });

	await guest.goto(`${base}/post/${post.id}`);
	await guest.locator('.post-full').getByRole('button', { name: 'edited' }).focus();
	await guest.keyboard.press('Enter');
	const dialog = guest.getByRole('dialog', { name: 'What was changed' });
	await dialog.getByText('As it was written').waitFor();
	assert.deepEqual(await dialog.locator('del').allInnerTexts().then((l) => l.map((s) => s.replace('Taken out:', '').trim())), ['swap', 'Friday.']);
	assert.deepEqual(await dialog.locator('ins').allInnerTexts().then((l) => l.map((s) => s.replace('Added:', '').trim())), ['swap, moved', 'Saturday.']);
	for (const colorScheme of ['light', 'dark']) {
		await guest.emulateMedia({ colorScheme });
		assert.deepEqual(await barriers(guest), [], `what was changed, ${colorScheme}`);
	}
	await guest.setViewportSize({ width: 390, height: 844 });
	assert.deepEqual(await overflow(guest), []);
	await guest.keyboard.press('Escape');
	await dialog.waitFor({ state: 'detached' });

	await guest.locator(`#comment-${answer.id}`).getByRole('button', { name: 'edited' }).click();
	await dialog.locator('ins', { hasText: 'and peas.' }).waitFor();
	await guest.keyboard.press('Escape');

	await api(author, 'DELETE', `/posts/${post.id}`);
	const gone = await guest.request.get(`/api/v1/posts/${post.id}/history`);
	assert.equal(gone.status(), 404);
});
