// Trusting people with a part of what a group, or the server, needs; and groups
// that go from one pair of hands into another.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, joinWithPassword, visitor, withBrowser } from './browser.mjs';
import { clear } from './clear.mjs';
import { ownServer } from './own.mjs';

withBrowser();

const inTwoWeeks = () => new Date(Date.now() + 14 * 24 * 3600_000).toISOString().slice(0, 10);

test('roles, handing over and claiming', async (t) => {
	const server = await ownServer(t);
	const enter = async (name) => {
		const page = await visitor({ baseURL: server.base, reducedMotion: 'reduce' });
		await joinWithPassword(page, name);
		return page;
	};
	const chief = await enter('chief'); // who comes first administers
	const alice = await enter('alice');
	const bob = await enter('bob');
	const mira = await enter('mira');
	await api(alice, 'POST', '/groups', { name: 'garden', title: 'Gardening' });
	for (const page of [bob, mira]) await api(page, 'PUT', '/groups/garden/membership');
	const post = await api(mira, 'POST', '/groups/garden/posts', { title: 'Seedlings to give' });

	await t.test('the owner gives a role with an end, and sees what it permits', async () => {
		await alice.goto('/c/garden/roles');
		await alice.getByRole('heading', { level: 1, name: 'Roles' }).waitFor();
		await alice.getByText('Nobody has a role yet').waitFor();
		await clear(alice, 'the roles of a group');
		await alice.getByRole('button', { name: 'Give somebody a role …' }).click();
		const dialog = alice.getByRole('dialog');
		await dialog.getByRole('button', { name: 'Give it' }).click();
		await dialog.getByText('Say who.').waitFor();
		await dialog.getByLabel('Which role?').selectOption('Content');
		await dialog.getByText('May put posts on top of the group.').waitFor();
		await clear(alice, 'giving a role');
		await dialog.getByLabel('To whom?').fill('nobody_at_all');
		await dialog.getByRole('button', { name: 'Give it' }).click();
		await dialog.getByText('There is nobody called').waitFor();
		await dialog.getByLabel('To whom?').fill('@bob');
		await dialog.getByLabel('Until').fill(inTwoWeeks());
		await dialog.getByLabel('Look at it again on').fill(inTwoWeeks());
		await dialog.getByLabel('Note').fill('Until the fair is over.');
		await dialog.getByRole('button', { name: 'Give it' }).click();
		const row = alice.locator('li').filter({ hasText: 'Until the fair is over.' });
		await row.getByText('until', { exact: false }).first().waitFor();
		await row.getByRole('link', { name: 'bob' }).waitFor();
	});

	await t.test('he is told, sees what he may do, and does it, and nothing else', async () => {
		await bob.goto('/notifications');
		await bob.getByText('gave you the role Content in Gardening').click();
		await bob.getByText('What you may do here').waitFor();
		assert.equal(await bob.getByRole('button', { name: 'Give somebody a role …' }).count(), 0);
		await bob.goto(`/post/${post.id}`);
		const full = bob.locator('.post-full');
		await full.getByRole('button', { name: 'Moderate' }).first().click();
		const dialog = bob.getByRole('dialog');
		assert.equal(await dialog.getByRole('button', { name: 'Lock: no more answers …' }).count(), 0);
		await dialog.getByRole('button', { name: 'Put on top of the group' }).click();
		await full.locator('.badge').getByText('Pinned').waitFor();
		await mira.goto('/c/garden');
		await mira.getByText('Trusted with something').waitFor();
		await clear(mira, 'a group with helpers');
	});

	await t.test('a role is made of single things, and goes by a new name', async () => {
		await alice.goto('/c/garden/roles');
		await alice.getByRole('button', { name: 'Make a role …' }).click();
		let dialog = alice.getByRole('dialog');
		await dialog.getByLabel('What is it called?').fill('Doorkeeper');
		await dialog.getByRole('button', { name: 'Make it' }).click();
		await dialog.getByText('Choose at least one thing').waitFor();
		await dialog.getByLabel('May end threads and branches').check();
		assert.equal(await dialog.getByLabel('Its level').locator('option').last().textContent(), '9');
		await dialog.getByLabel('Its level').selectOption('8 · Lead');
		await clear(alice, 'making a role');
		await dialog.getByRole('button', { name: 'Make it' }).click();
		await alice.getByRole('button', { name: 'Change the role Doorkeeper' }).click();
		dialog = alice.getByRole('dialog');
		await dialog.getByLabel('What is it called?').fill('Steward of the lane');
		await dialog.getByRole('button', { name: 'Save' }).click();
		const made = alice.getByRole('listitem').filter({ has: alice.getByRole('heading', { name: 'Steward of the lane' }) });
		await made.getByText('Level 8 · Lead').waitFor();
	});

	await t.test('who gives roles gives those below their own, and is offered no others', async () => {
		await api(alice, 'POST', '/groups/garden/grants', { person: 'bob', role: 'administration' });
		await bob.goto('/c/garden/roles');
		assert.equal(await bob.getByRole('button', { name: 'Change the role Steward of the lane' }).count(), 0);
		await bob.getByRole('button', { name: 'Make a role …' }).click();
		const dialog = bob.getByRole('dialog');
		const levels = await dialog.getByLabel('Its level').locator('option').allTextContents();
		assert.deepEqual(levels, ['What fits what it permits', '1', '2 · Helper', '3', '4']);
		await clear(bob, 'making a role below one’s own');
		await dialog.getByRole('button', { name: 'Cancel' }).click();
		await alice.reload();
		await alice.getByRole('button', { name: 'End the role Administration of bob' }).click();
		await alice.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click();
		await alice.getByRole('button', { name: 'End the role Administration of bob' }).waitFor({ state: 'detached' });
	});

	await t.test('it ends when its owner says so', async () => {
		await alice.getByRole('button', { name: 'End the role Content of bob' }).click();
		await alice.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click();
		await alice.getByText('Nobody has a role yet').waitFor();
		await bob.goto(`/post/${post.id}`);
		await bob.locator('.post-full').waitFor();
		assert.equal(await bob.locator('.post-full').getByRole('button', { name: 'Moderate' }).count(), 0);
		await alice.goto('/c/garden/log');
		await alice.getByText('ended the role Content of').waitFor();
	});

	await t.test('the group goes to another moderator, who says yes', async () => {
		await api(alice, 'PUT', '/groups/garden/moderators/bob');
		await alice.goto('/c/garden/roles');
		await alice.getByLabel('To whom?').selectOption('bob');
		await alice.getByRole('button', { name: 'Offer it' }).click();
		await alice.getByRole('button', { name: 'Take the offer back' }).waitFor();
		await bob.goto('/notifications');
		await bob.getByText('offers you the group Gardening').click();
		await bob.getByText('alice offers you this group.').waitFor();
		await clear(bob, 'a group that is offered');
		await bob.getByRole('button', { name: 'Yes, I take it' }).click();
		await bob.getByText('You own this group.').waitFor();
	});

	await t.test('nobody looks after it, a member asks, and gets it', async () => {
		for (const name of ['alice', 'bob']) await api(chief, 'PUT', `/bans/${name}`, { reason: 'Gone.' });
		await mira.goto('/c/garden/roles');
		await mira.getByRole('heading', { name: 'Nobody looks after this group' }).waitFor();
		await mira.getByRole('button', { name: 'Ask for it' }).click();
		await mira.getByText('Say in a few words').waitFor();
		await mira.getByLabel('Why you?').fill('I am here every day.');
		await clear(mira, 'claiming a group');
		await mira.getByRole('button', { name: 'Ask for it' }).click();
		await mira.getByText('You asked to look after this group.').waitFor();
		await chief.goto('/admin/roles');
		await chief.getByText('I am here every day.').waitFor();
		await clear(chief, 'roles on this server');
		await chief.getByRole('button', { name: 'Give it to mira' }).click();
		await chief.getByRole('dialog').getByRole('button', { name: 'Do it' }).click();
		await chief.getByText('Somebody looks after every group').waitFor();
		await mira.goto('/c/garden/keep');
		await mira.getByRole('heading', { name: 'Moderators' }).waitFor();
	});

	for (const page of [chief, alice, bob, mira]) assert.deepEqual(page.errors, []);
});
