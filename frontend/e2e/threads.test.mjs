// Reading a thread: what comes meanwhile, what came since, folding, quoting.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, eventually, fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';
import { clear } from './clear.mjs';

withBrowser();

test('a thread that is read goes on', async (t) => {
	const reader = await visitor({ reducedMotion: 'reduce' });
	const writer = await visitor();
	await joinWithPassword(reader, fresh('reader'));
	await joinWithPassword(writer, fresh('writer'));
	const group = fresh('talk');
	await api(writer, 'POST', '/groups', { name: group, title: 'Talk' });
	const post = await api(writer, 'POST', `/groups/${group}/posts`, { title: 'A long talk', body: 'Where shall we begin?' });
	const say = (body, parent_id) => api(writer, 'POST', `/posts/${post.id}/comments`, { body, parent_id });
	const first = await say('The first stone.');
	const second = await say('On the first.', first.id);
	const at = (id) => reader.locator(`#app #comment-${id}`);
	const marked = () => api(reader, 'GET', `/posts/${post.id}`).then((p) => p.reading?.through ?? 0);

	await t.test('an answer that would move the page waits until it is asked for', async () => {
		await reader.goto(`/post/${post.id}`);
		await at(second.id).waitFor();
		await eventually(async () => assert.equal(await marked(), second.id));
		const third = await say('The second stone.');
		const pill = reader.getByRole('button', { name: '1 new answer' });
		await pill.waitFor();
		assert.equal(await at(third.id).count(), 0);
		await reader.getByRole('heading', { name: '3 comments' }).waitFor();
		await pill.click();
		await at(third.id).waitFor();
		assert.ok((await at(third.id).getAttribute('class')).includes('comment-new'));
		await pill.waitFor({ state: 'detached' });
	});

	await t.test('what is changed or taken back changes on the screen', async () => {
		await api(writer, 'PATCH', `/comments/${second.id}`, { body: 'On the very first.' });
		await at(second.id).getByText('On the very first.').waitFor();
		await api(writer, 'DELETE', `/comments/${second.id}`);
		await at(second.id).getByText('Deleted by its author.').waitFor();
		await at(second.id).getByText('On the very first.').waitFor({ state: 'detached' });
	});

	await t.test('a folded branch stays folded for the visit', async () => {
		await at(first.id).locator('> .comment-in').focus();
		await reader.keyboard.press('Enter');
		assert.equal(await at(second.id).count(), 0);
		await reader.reload();
		await at(first.id).waitFor();
		assert.equal(await at(second.id).count(), 0);
		await at(first.id).locator('> .comment-in').focus();
		await reader.keyboard.press('x');
		await at(second.id).waitFor();
	});

	await t.test('words are quoted in an answer', async () => {
		await at(first.id).locator('> .comment-in > .body').evaluate((body) => getSelection().selectAllChildren(body));
		await reader.getByRole('button', { name: 'Quote', exact: true }).click();
		const field = reader.getByRole('textbox', { name: /^Reply to/ });
		await field.waitFor();
		assert.equal(await field.inputValue(), '> The first stone.\n\n');
		await field.fill('');
		await reader.getByRole('button', { name: 'Cancel' }).click();
	});

	await t.test('the next visit begins with what is new', async () => {
		await reader.goto('/');
		const newer = await say('While you were away.');
		await reader.goto(`/c/${group}`);
		await reader.locator('#app .course').getByText('1 new', { exact: true }).waitFor();
		await reader.goto(`/post/${post.id}`);
		await reader.getByText('1 new answer since you were here').waitFor();
		await clear(reader, 'a thread with something new');
		await reader.getByRole('button', { name: 'To the first new one' }).click();
		await reader.locator(`#comment-${newer.id} > .comment-in:focus`).waitFor();
	});
	assert.deepEqual([...reader.errors, ...writer.errors], []);
});
