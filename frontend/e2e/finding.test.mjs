// Search: from the keyboard, with filters as chips, in an order, as plain
// pages, and what it says where there is nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clear } from './clear.mjs';
import { api, base, fresh, joinWithPassword, signIn, visitor, withBrowser } from './browser.mjs';

withBrowser();

const demo = process.env.DRYSTONE_DEMO_URL?.replace(/\/$/, '');
const home = { baseURL: demo ?? base };

async function enter(who) {
	const page = await visitor({ ...home, reducedMotion: 'reduce' });
	if (demo) await signIn(page, who, 'drystone-demo');
	else await joinWithPassword(page, fresh(who));
	return page;
}

test('somebody looks for words', async (t) => {
	const writer = await enter('alice');
	const reader = await enter('bob');
	const group = fresh('moor');
	const word = fresh('bilberry');
	await api(writer, 'POST', '/groups', { name: group, title: 'On the moor' });
	await api(writer, 'PATCH', '/me', { indexable: true });
	await api(writer, 'POST', `/groups/${group}/posts`, { title: `Where ${word} grows`, body: `Not <b>${word}</b> jam` });
	const post = await api(writer, 'POST', `/groups/${group}/posts`, { title: 'Another', body: 'Nothing here' });
	await api(writer, 'POST', `/posts/${post.id}/comments`, { body: `But there is **${word}** pie` });

	await t.test('from the keyboard, a moment later', async () => {
		for (let tries = 0; tries < 50; tries++) {
			const found = await api(reader, 'GET', `/search?q=${word}`);
			if (found.posts.length === 1 && found.comments.length === 1) break;
			await reader.waitForTimeout(200);
		}
		await reader.goto('/');
		await reader.locator('#app main').first().waitFor();
		await reader.keyboard.press('/');
		await reader.keyboard.type(word);
		await reader.keyboard.press('Enter');
		await reader.getByRole('heading', { name: `Search: ${word}` }).waitFor();
		await reader.locator('mark', { hasText: word }).first().waitFor();
		assert.equal(await reader.locator('mark').count(), 3); // in a title, a text and a comment
		await clear(reader, 'what was found');
	});

	await t.test('only comments, and the newest first', async () => {
		await reader.getByRole('navigation', { name: 'What to search' }).getByRole('link', { name: 'Comments' }).click();
		await reader.waitForURL(/kind=comments/);
		await reader.getByRole('link', { name: 'Newest' }).click();
		await reader.waitForURL(/sort=new/);
		await reader.getByRole('link', { name: 'Another' }).waitFor();
	});

	await t.test('with filters, which are chips', async () => {
		await reader.goto(`/search?q=${word}`);
		await reader.getByText('Filters and how to search').click();
		await reader.getByLabel('In the group').fill(group);
		await reader.getByRole('button', { name: 'Search with these' }).click();
		await reader.getByRole('link', { name: `Take away the filter In the group: ${group}` }).waitFor();
		await reader.goto(`/search?q=${word}&before=2000-01-01`);
		await reader.getByText(`Nothing found for “${word}”`).waitFor();
		await clear(reader, 'nothing found');
		await reader.getByRole('link', { name: /Take away the filter Before/ }).focus();
		await reader.keyboard.press('Enter');
		await reader.locator('mark').first().waitFor();
	});

	await t.test('hears what was not understood', async () => {
		await reader.goto(`/search?q=${word}+before%3Ayesterday+group%3A${fresh('nowhere')}`);
		await reader.getByText('A date is written as in before:2026-05-31.').waitFor();
		await reader.getByText(/There is no group called/).waitFor();
	});

	await t.test('without JavaScript', async () => {
		const plain = await visitor({ ...home, javaScriptEnabled: false });
		await plain.goto('/search');
		await plain.getByLabel('Words').fill(word);
		await plain.getByRole('main').getByRole('button', { name: 'Search' }).click();
		await plain.locator('mark').first().waitFor();
	});
});
