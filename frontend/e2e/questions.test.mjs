// Asking, answering, choosing the answer, and what waits meanwhile.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { barriers, overflow } from './barriers.mjs';
import { api, fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';

withBrowser();

/** Nothing in the way, light and dark, on a phone. */
async function clear(page, where) {
	await page.setViewportSize({ width: 390, height: 844 });
	for (const colorScheme of ['light', 'dark']) {
		await page.emulateMedia({ colorScheme });
		assert.deepEqual(await barriers(page), [], `${where}, ${colorScheme}`);
	}
	assert.deepEqual(await overflow(page), [], where);
	await page.emulateMedia({ colorScheme: 'light' });
	await page.setViewportSize({ width: 1280, height: 900 });
}

test('a question waits until its answer is chosen', async (t) => {
	const asker = await visitor({ reducedMotion: 'reduce' });
	await joinWithPassword(asker, fresh('asker'));
	const group = fresh('beds');
	await api(asker, 'POST', '/groups', { name: group, title: 'Beds' });
	const helper = await visitor({ reducedMotion: 'reduce' });
	await joinWithPassword(helper, fresh('helper'));
	let id = 0;

	await t.test('posts in the group ask, once it says so', async () => {
		await asker.goto(`/c/${group}`);
		await asker.getByRole('button', { name: 'Edit group' }).press('Enter');
		await asker.getByLabel('Posts here are questions').check();
		await asker.getByRole('button', { name: 'Save' }).click();
		await asker.getByRole('link', { name: 'Questions that wait' }).waitFor();
		await asker.goto(`/submit?group=${group}`);
		const asks = asker.getByLabel('This is a question');
		await asker.waitForFunction(() => [...document.querySelectorAll('input[type=checkbox]')].some((box) => box.checked));
		assert.ok(await asks.isChecked());
		await asker.getByLabel('Title').fill('When do beans climb?');
		await asker.getByRole('button', { name: 'Post', exact: true }).click();
		await asker.waitForURL(/\/post\/\d+$/);
		id = Number(asker.url().split('/').pop());
		await asker.locator('.post-full').getByText('Unanswered').waitFor();
	});

	await t.test('it waits where those look who answer', async () => {
		await helper.goto(`/questions?group=${group}`);
		await helper.getByRole('link', { name: 'When do beans climb?' }).waitFor();
		await helper.getByText('Waiting for an answer since').waitFor();
		await clear(helper, 'questions');
		await api(helper, 'POST', `/posts/${id}/comments`, { body: 'In June.' });
	});

	await t.test('who asked chooses the answer, which then stands first', async () => {
		await asker.goto(`/post/${id}`);
		await asker.locator('.comment').getByRole('button', { name: 'This answers it' }).press('Enter');
		const answer = asker.getByRole('region', { name: 'Chosen answer' });
		await answer.getByText('In June.').waitFor();
		await asker.locator('.post-full').getByText('Answered', { exact: true }).waitFor();
		await clear(asker, 'an answered question');
		await helper.goto(`/questions?group=${group}&want=chosen`);
		await helper.getByText('Nothing waits').waitFor();
	});

	await t.test('who looks after the group sees how soon people are answered', async () => {
		await asker.goto(`/questions?group=${group}`);
		await asker.getByText('Half of those who were answered waited no longer than').waitFor();
		await helper.goto(`/questions?group=${group}`);
		await helper.getByText('Nothing waits').waitFor();
		assert.equal(await helper.getByRole('heading', { name: 'How soon people are answered' }).count(), 0);
	});

	await t.test('and all of it can be read without a script', async () => {
		const plain = await visitor({ javaScriptEnabled: false });
		await plain.goto(`/post/${id}`);
		await plain.getByRole('heading', { name: 'Chosen answer' }).waitFor();
		await plain.goto('/questions');
		await plain.getByRole('heading', { name: 'Questions that wait' }).waitFor();
	});
});
