// People who follow people: the button, what becomes of it, the list of whom
// one follows, and what they write at home.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clear } from './clear.mjs';
import { api, base, fresh, joinWithPassword, visitor, withBrowser } from './browser.mjs';

withBrowser();

const demo = process.env.DRYSTONE_DEMO_URL?.replace(/\/$/, '');
const home = { baseURL: demo ?? base };

test('somebody follows people', async (t) => {
	const reader = await visitor({ ...home, reducedMotion: 'reduce' });
	const writer = await visitor({ ...home, reducedMotion: 'reduce' });
	const shy = await visitor({ ...home, reducedMotion: 'reduce' });
	const [readers, writers, shys, group] = ['reader', 'writer', 'shy', 'wood'].map(fresh);
	await joinWithPassword(reader, readers);
	await joinWithPassword(writer, writers);
	await joinWithPassword(shy, shys);
	await api(writer, 'POST', '/groups', { name: group, title: 'The small wood' });
	await api(writer, 'POST', `/groups/${group}/posts`, { title: 'Hazel is cut in winter' });
	await api(shy, 'PATCH', '/me/profile', { approves_followers: true });

	await t.test('nobody yet', async () => {
		await reader.goto('/settings/following');
		await reader.getByText('You follow nobody yet.').waitFor();
		await clear(reader, 'following nobody');
		await reader.goto('/?view=people');
		await reader.getByText('Nothing from people yet').waitFor();
		await clear(reader, 'an empty feed of people');
	});

	await t.test('follows somebody, by keyboard', async () => {
		await reader.goto(`/u/${writers}`);
		await reader.getByRole('button', { name: `Follow: ${writers}` }).press('Enter');
		await reader.getByText(`What ${writers} writes in groups is in your home feed from now on.`).waitFor();
		await reader.getByRole('button', { name: `Follow no more: ${writers}` }).waitFor();
		await reader.getByText('1 follower', { exact: true }).waitFor();
		await clear(reader, 'a person whom one follows');
		await reader.goto('/?view=home&sort=new');
		await reader.getByRole('link', { name: 'Hazel is cut in winter' }).waitFor();
		await reader.goto('/?view=people');
		await reader.getByRole('link', { name: 'Hazel is cut in winter' }).waitFor();
	});

	await t.test('they are told', async () => {
		for (let tries = 0; ; tries++) {
			const { items } = await api(writer, 'GET', '/notifications');
			if (items.some((n) => n.kind === 'follow' && n.actor.name === readers)) break;
			assert.ok(tries < 100, 'nobody was told');
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
		await writer.goto('/notifications');
		await writer.getByRole('link', { name: 'follows you now' }).click();
		await writer.getByRole('heading', { name: readers, level: 1 }).waitFor();
	});

	await t.test('asks somebody who decides who follows them', async () => {
		await reader.goto(`/u/${shys}`);
		await reader.getByRole('button', { name: `Follow: ${shys}` }).click();
		await reader.getByText(`${shys} was asked.`).waitFor();
		await reader.getByRole('button', { name: `Asked: ${shys}` }).waitFor();
		await shy.goto('/settings/followers');
		await shy.getByRole('button', { name: `Refuse ${readers}` }).click();
		await shy.getByText(`${readers} was refused.`).waitFor();
		await reader.goto('/settings/following');
		await reader.getByText('Not accepted').first().waitFor();
		await reader.getByRole('button', { name: `Follow no more: ${writers}` }).waitFor();
		await clear(reader, 'whom one follows');
	});

	await t.test('and no more', async () => {
		await reader.getByRole('button', { name: `Follow no more: ${writers}` }).press('Enter');
		await reader.getByText(`You follow ${writers} no more.`).waitFor();
		await reader.goto('/?view=people');
		await reader.getByText('Nothing from people yet').waitFor();
		assert.deepEqual(reader.errors, []);
	});
});
